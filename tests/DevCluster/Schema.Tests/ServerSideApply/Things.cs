using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Tests.ServerSideApply;

/// <summary>A kind with a field of every shape, and the few steps that tests of ownership take.</summary>
internal static class Things
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Later = Noon.AddMinutes(5);

    public static TypeSchema Schema { get; } = Object(
        ("apiVersion", new("string")),
        ("kind", new("string")),
        ("metadata", BuiltInSchemas.For("v1", "ConfigMap").Properties["metadata"]),
        ("spec", Object(
            ("a", new("string")),
            ("b", new("string")),
            ("n", new("integer")),
            ("map", new("object", additionalProperties: () => new("string"))),
            ("structs", new(
                "object", additionalProperties: () => Object(("x", new("integer")), ("y", new("integer"))))),
            ("set", new("array", items: () => new("string")) { ListType = ListType.Set }),
            ("items", new("array", items: () => Item) { ListType = ListType.Map, ListMapKeys = ["name"] }),
            ("ports", new("array", items: () => Port) { ListType = ListType.Map, ListMapKeys = ["port", "protocol"] }),
            ("atoms", new("array", items: () => new("integer"))),
            ("whole", new("object", properties: () => Fields(("x", new("integer")), ("y", new("integer"))))
            {
                IsAtomicMap = true,
            }),
            ("free", new("object") { PreserveUnknownFields = true }))),
        ("status", Object(("phase", new("string")))));

    private static TypeSchema Item { get; } =
        Object(
            ("name", new("string")),
            ("value", new("integer")),
            ("inner", Object(("p", new("integer")), ("q", new("integer")))));

    private static TypeSchema Port { get; } =
        Object(("port", new("integer")), ("protocol", new("string") { Default = "TCP" }), ("name", new("string")));

    /// <summary>A configuration with this spec.</summary>
    public static JsonObject With(string spec) => new()
    {
        ["apiVersion"] = "example.dev/v1",
        ["kind"] = "Thing",
        ["metadata"] = new JsonObject { ["name"] = "one", ["namespace"] = "here" },
        ["spec"] = JsonNode.Parse(spec),
    };

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>Who owns what below spec: <c>alice Apply {"f:a":{}}</c>, a line an owner.</summary>
    public static string Owners(JsonObject thing) => string.Join('\n',
        from entry in thing["metadata"]!["managedFields"] as JsonArray ?? []
        let fields = entry["fieldsV1"]!
        orderby (string)entry["manager"]!
        select $"{entry["manager"]} {entry["operation"]} {(fields["f:spec"] ?? fields).ToJsonString(Relaxed)}");

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static TypeSchema Object(params (string Name, TypeSchema Schema)[] fields) =>
        new("object", properties: () => Fields(fields));

    private static Dictionary<string, TypeSchema> Fields(params (string Name, TypeSchema Schema)[] fields) =>
        fields.ToDictionary(f => f.Name, f => f.Schema);
}
