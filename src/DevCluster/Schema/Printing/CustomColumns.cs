using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Printing;

/// <summary>The columns of a custom resource: Name and what the CRD lists, else Name and Age.</summary>
internal static class CustomColumns
{
    public static IReadOnlyList<TableColumn> Read(JsonArray? columns) => columns is null or { Count: 0 }
        ? [Columns.Name, Columns.Age]
        : [Columns.Name, .. columns.OfType<JsonObject>().Select(Read)];

    private static TableColumn Read(JsonObject column)
    {
        var type = JsonScalars.AsString(column["type"]) ?? "string";
        var text = JsonScalars.AsString(column["jsonPath"]) ?? "";
        var path = JsonPath.Parse(text);
        return new TableColumn(
            JsonScalars.AsString(column["name"]) ?? "",
            type,
            (content, now) => path.TryFindFirst(content, out var value) ? Cell(type, value, now) : null)
        {
            Format = JsonScalars.AsString(column["format"]) ?? "",
            Description = JsonScalars.AsString(column["description"]) is { Length: > 0 } description
                ? description
                : $"Custom resource definition column (in JSONPath format): {text}",
            Priority = (int)(JsonScalars.AsInt64(column["priority"]) ?? 0),
        };
    }

    /// <summary>A value that does not suit the column's type leaves the cell empty.</summary>
    private static JsonNode? Cell(string type, JsonNode? value, DateTimeOffset now) => type switch
    {
        "string" => Text(value),
        "integer" when JsonScalars.Kind(value) == JsonValueKind.Number =>
            JsonScalars.TryGetInt64(value, out var integer) ? integer : (long)JsonScalars.AsDouble(value!),
        "number" when JsonScalars.Kind(value) == JsonValueKind.Number => JsonScalars.AsDouble(value!),
        "boolean" => JsonScalars.AsBoolean(value),
        "date" when JsonScalars.Kind(value) == JsonValueKind.String => HumanAge.Since(value, now),
        _ => null,
    };

    private static string Text(JsonNode? value) => value switch
    {
        null => "<no value>",
        JsonValue scalar when JsonScalars.AsString(scalar) is { } text => text,
        JsonValue scalar
            when scalar.GetValueKind() == JsonValueKind.Number && !JsonScalars.TryGetInt64(scalar, out _) =>
            GoText.Double(JsonScalars.AsDouble(scalar)),
        _ => value.ToJsonString(),
    };
}
