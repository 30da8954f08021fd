using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace Dynospace.Runtime;

/// <summary>Turns objects into the JSON that the API server reads, and back.</summary>
public static class JsonObjects
{
    /// <summary>
    /// KubernetesClient's own options, which are not public. With them a value becomes a node without a string in
    /// between.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = CaptureOptions();

    /// <summary>The JSON of a typed object or status, without null members.</summary>
    public static JsonObject From<T>(T value)
        where T : notnull =>
        JsonSerializer.SerializeToNode(value, value.GetType(), Options) as JsonObject
        ?? throw new ArgumentException($"{value.GetType().Name} does not serialise to a JSON object.", nameof(value));

    /// <summary>The typed object of JSON.</summary>
    public static T To<T>(JsonElement element)
        where T : class =>
        element.Deserialize<T>(Options) ?? throw new JsonException($"null is not a {typeof(T).Name}.");

    /// <summary>The typed object of JSON.</summary>
    public static T To<T>(JsonNode node)
        where T : class =>
        node.Deserialize<T>(Options) ?? throw new JsonException($"null is not a {typeof(T).Name}.");

    /// <summary>The name in an object's metadata.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    public static ObjectKey KeyOf(JsonObject content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var metadata = content["metadata"] as JsonObject;
        return metadata?["name"]?.GetValue<string>() is { Length: > 0 } name
            ? new ObjectKey(metadata["namespace"]?.GetValue<string>(), name)
            : throw new ArgumentException("The object has no metadata.name.", nameof(content));
    }

    private static JsonSerializerOptions CaptureOptions()
    {
        JsonSerializerOptions? captured = null;
        KubernetesJson.AddJsonOptions(options => captured = options);
        return captured!;
    }
}

/// <summary>Reads members of JSON that may be missing or of another type, without throwing.</summary>
public static class JsonMembers
{
    /// <summary>A member of any type; undefined if it is missing.</summary>
    public static JsonElement Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A member of one type; null if it is missing or of another.</summary>
    public static JsonElement? Child(JsonElement element, string name, JsonValueKind kind) =>
        Member(element, name) is var member && member.ValueKind == kind ? member : null;

    /// <summary>A member that is a string; null if it is missing or of another type.</summary>
    public static string? Text(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.String)?.GetString();

    /// <summary>A whole number of 32 bits; null if the member is missing or not such a number.</summary>
    public static int? Number(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.Number) is { } number && number.TryGetInt32(out var value) ? value : null;

    /// <summary>The objects and strings in an array; none if the member is missing or of another type.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.Array) is { } array
            ? array.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object or JsonValueKind.String)
            : [];

    /// <summary>The entries of a map of strings; a value of another type becomes the empty string.</summary>
    public static IEnumerable<(string Name, string Value)> Entries(JsonElement element, string name) =>
        Child(element, name, JsonValueKind.Object) is { } map
            ? map.EnumerateObject()
                .Select(entry => (
                    entry.Name, entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : ""))
            : [];
}
