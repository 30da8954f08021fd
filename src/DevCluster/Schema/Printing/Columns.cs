// Printing: printer columns: JSON paths, ages and cells.

using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Schema.Printing;

/// <summary>Builds table columns, including those common to all tables.</summary>
internal static class Columns
{
    public const string None = "<none>";

    private const string NameDescription =
        "Name must be unique within a namespace. Is required when creating resources, although some resources may "
        + "allow a client to request the generation of an appropriate name automatically.";

    public static TableColumn Name { get; } = new("Name", "string", (content, _) => content.Cell("metadata", "name"))
    {
        Format = "name",
        Description = NameDescription,
    };

    public static TableColumn Age { get; } = new(
        "Age", "date", (content, now) => HumanAge.Since(content.At("metadata", "creationTimestamp"), now))
    {
        Description = "The time since the object was created.",
    };

    /// <summary>The age column of built-in resources: a string, because the server formats it.</summary>
    public static TableColumn AgeText { get; } = Age with { Type = "string" };

    /// <summary>The creation time, for resources whose age is of little use.</summary>
    public static TableColumn CreatedAt { get; } = new(
        "Created At", "date", (content, _) => content.Cell("metadata", "creationTimestamp"));

    public static TableColumn Text(string name, Func<JsonObject, string> cell) =>
        new(name, "string", (content, _) => cell(content));

    public static TableColumn Text(string name, Func<JsonObject, DateTimeOffset, string> cell) =>
        new(name, "string", (content, now) => cell(content, now));

    public static TableColumn Integer(string name, params string[] path) =>
        new(name, "integer", (content, _) => content.NumberOrZero(path));

    /// <summary>A number in a string column, as in the real API.</summary>
    public static TableColumn Count(string name, params string[] path) =>
        new(name, "string", (content, _) => content.NumberOrZero(path));

    public static TableColumn Boolean(string name, Func<JsonObject, bool> cell) =>
        new(name, "boolean", (content, _) => cell(content));

    /// <summary>A name, with a mark for the default object.</summary>
    public static TableColumn NameWithDefault(string annotation) => Name with
    {
        Cell = (
            content,
            _) => content.Cell("metadata", "name")
                + (content.Cell("metadata", "annotations", annotation) == "true" ? " (default)" : ""),
    };

    /// <summary>Names and images of the containers of a pod template, for <c>-o wide</c>.</summary>
    public static IEnumerable<TableColumn> Containers(params string[] podSpec) =>
    [
        Wide(
            Text(
                "Containers",
                content => string.Join(
                    ',', content.Items([.. podSpec, "containers"]).Select(container => container.Cell("name"))))),
        Wide(
            Text(
                "Images",
                content => string.Join(
                    ',', content.Items([.. podSpec, "containers"]).Select(container => container.Cell("image"))))),
    ];

    /// <summary>Shown only with <c>-o wide</c>.</summary>
    public static TableColumn Wide(TableColumn column) => column with { Priority = 1 };

    /// <summary>A scalar as cell text; empty if it is missing.</summary>
    public static string Cell(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        var value = node.At(path);
        return value.Text() ?? (value is JsonValue scalar ? scalar.ToJsonString() : "");
    }

    public static string CellOr(this JsonNode? node, string fallback, params ReadOnlySpan<string> path) =>
        node.Cell(path) is { Length: > 0 } text ? text : fallback;

    public static JsonObject? Condition(this JsonNode? node, string type) =>
        ConditionList.Find(node.At("status"), type);

    /// <summary>A comma-separated list, or the text for an empty one.</summary>
    public static string Join(IEnumerable<string> parts) =>
        string.Join(",", parts) is { Length: > 0 } joined ? joined : None;
}

/// <summary>The columns of a custom resource: Name and those of the CRD, or else Name and Age.</summary>
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

    /// <summary>A value that does not match the column's type leaves the cell empty.</summary>
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
