// Json: reads and compares JSON, normalizes its numbers, and accesses the metadata and conditions of objects.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// Reads loosely typed objects: a value that is missing, null or of another type reads as null, because type errors are
/// findings of the schema and must not become exceptions here.
/// </summary>
internal static class JsonAccess
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(key, out node))
            {
                return null;
            }
        }

        return node;
    }

    public static JsonObject? Map(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    public static JsonArray? List(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray;

    /// <summary>The objects of a list; empty if it is missing.</summary>
    public static IReadOnlyList<JsonObject> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? [.. list.OfType<JsonObject>()] : [];

    /// <summary>The strings of a list; empty if it is missing.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonArray list ? [.. list.Select(item => item.Text()).OfType<string>()] : [];

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static string TextOrEmpty(this JsonNode? node, params ReadOnlySpan<string> path) => node.Text(path) ?? "";

    /// <summary>Also null for an empty string, which Go's types do not distinguish from a missing one.</summary>
    public static string? NonEmpty(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Text(path) is { Length: > 0 } text ? text : null;

    public static bool? Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static bool IsTrue(this JsonNode? node, params ReadOnlySpan<string> path) => node.Flag(path) == true;

    /// <summary>
    /// A number without fraction and exponent that fits, as the real API decodes integers. The node may hold any C#
    /// number type.
    /// </summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        if (node.At(path) is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        return value.TryGetValue<long>(out var wide) ? wide
            : value.TryGetValue<int>(out var narrow) ? narrow
            : long.TryParse(
                value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : null;
    }

    public static long NumberOrZero(this JsonNode? node, params ReadOnlySpan<string> path) => node.Number(path) ?? 0;

    /// <summary>A number with an integral value in any notation: 3, 3.0, 3e0.</summary>
    public static long? WholeNumber(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        const double Limit = 9e18;
        var found = node.At(path);
        return found.Number() is { } number ? number
            : found.Double() is { } real && real == Math.Floor(real) && Math.Abs(real) < Limit ? (long)real
            : null;
    }

    public static double? Double(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is { } value && value.GetValueKind() == JsonValueKind.Number
            ? double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture)
            : null;

    /// <summary>A missing value has the kind null.</summary>
    public static JsonValueKind Kind(this JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    /// <summary>The number of items or fields.</summary>
    public static int Count(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        JsonArray list => list.Count,
        JsonObject map => map.Count,
        _ => 0,
    };

    public static bool Has(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) is not null;

    /// <summary>The string entries of a map such as labels; empty if it is missing.</summary>
    public static IReadOnlyDictionary<string, string> Strings(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        var strings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Map(path) ?? [])
        {
            strings[key] = value.Text() ?? "";
        }

        return strings;
    }

    /// <summary>Sets a field if it is missing or null.</summary>
    public static void Default(this JsonObject target, string key, JsonNode value)
    {
        if (!target.Has(key))
        {
            target[key] = value;
        }
    }

    /// <summary>The object under a key, created if missing.</summary>
    public static JsonObject Ensure(this JsonObject target, string key)
    {
        if (target[key] is not JsonObject child)
        {
            target[key] = child = [];
        }

        return child;
    }

    /// <summary>The array under a key, created if missing.</summary>
    public static JsonArray EnsureList(this JsonObject target, string key)
    {
        if (target[key] is not JsonArray child)
        {
            target[key] = child = [];
        }

        return child;
    }

    /// <summary>Equality as in the API: a missing field equals a null one.</summary>
    public static bool SameAs(this JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);
}
