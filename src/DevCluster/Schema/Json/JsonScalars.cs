using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// Reads JSON numbers and strings whatever CLR type backs the node: a <see cref="JsonValue"/> made from an int refuses
/// to be read as a long, one parsed from text does not.
/// </summary>
internal static class JsonScalars
{
    public static JsonValueKind Kind(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    public static string? AsString(JsonNode? node) =>
        Kind(node) == JsonValueKind.String ? node!.GetValue<string>() : null;

    public static bool? AsBoolean(JsonNode? node) => Kind(node) switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>
    /// The number if it is written without fraction and exponent and fits; as the real API decodes integers.
    /// </summary>
    public static bool TryGetInt64(JsonNode? node, out long value)
    {
        value = 0;
        if (node is not JsonValue scalar)
        {
            return false;
        }

        if (scalar.TryGetValue<JsonElement>(out var element))
        {
            return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out value);
        }

        return scalar.TryGetValue(out value)
            || (Kind(node) == JsonValueKind.Number
                && long.TryParse(
                    node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));
    }

    public static double AsDouble(JsonNode node) =>
        double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    public static long? AsInt64(JsonNode? node) =>
        TryGetInt64(node, out var value) ? value
        : Kind(node) == JsonValueKind.Number
            && AsDouble(node!) is var real
            && real == Math.Floor(real)
            && Math.Abs(real) < 9e18 ? (long)real
        : null;
}
