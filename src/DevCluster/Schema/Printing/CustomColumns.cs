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
        var type = column.Text("type") ?? "string";
        var text = column.Text("jsonPath") ?? "";
        var path = JsonPath.Parse(text);
        return new TableColumn(
            column.Text("name") ?? "",
            type,
            (content, now) => path.TryFindFirst(content, out var value) ? Cell(type, value, now) : null)
        {
            Format = column.Text("format") ?? "",
            Description = column.Text("description") is { Length: > 0 } description
                ? description
                : $"Custom resource definition column (in JSONPath format): {text}",
            Priority = (int)(column.WholeNumber("priority") ?? 0),
        };
    }

    /// <summary>A value that does not suit the column's type leaves the cell empty.</summary>
    private static JsonNode? Cell(string type, JsonNode? value, DateTimeOffset now) => type switch
    {
        "string" => Text(value),
        "integer" when value.Double() is { } number => value.Number() ?? (long)number,
        "number" => value.Double(),
        "boolean" => value.Flag(),
        "date" when value.Kind() == JsonValueKind.String => HumanAge.Since(value, now),
        _ => null,
    };

    private static string Text(JsonNode? value) => value switch
    {
        null => "<no value>",
        JsonValue scalar when scalar.Text() is { } text => text,
        JsonValue scalar when scalar.Number() is null && scalar.Double() is { } number => GoText.Double(number),
        _ => value.ToJsonString(),
    };
}
