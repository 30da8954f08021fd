using System.Text.Json.Nodes;
using DevCluster.ApiServer.Protobuf;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>
/// The document at <c>/openapi/v2</c>: all definitions, without paths. Current clients read paths only from version 3;
/// docs/devcluster.md lists the clients that still read the definitions.
/// </summary>
public static class OpenApiV2
{
    public static JsonObject Document(IReadOnlyList<ResourceDefinition> all) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = OpenApiV3.Info(),
        ["paths"] = new JsonObject(),
        ["definitions"] = DefinitionsWriter.Write(all, new SchemaWriter(Dialect.V2)),
    };

    /// <summary>The document as <c>application/com.github.proto-openapi.spec.v2@v1.0+protobuf</c>.</summary>
    public static byte[] Protobuf(IReadOnlyList<ResourceDefinition> all) => GnosticDocument.Encode(Document(all));
}

/// <summary>
/// The document in gnostic's protobuf form. Field numbers: gnostic-models, openapiv2/OpenAPIv2.proto.
/// </summary>
internal static class GnosticDocument
{
    public static byte[] Encode(JsonObject document)
    {
        var message = new ProtobufWriter();
        message.Text(1, (string?)document["swagger"]);
        message.Message(2, info =>
        {
            info.Text(1, (string?)document["info"]?["title"]);
            info.Text(2, (string?)document["info"]?["version"]);
        });
        message.Message(9, definitions => GnosticSchema.Named(definitions, 1, document["definitions"]!.AsObject()));
        return message.ToArray();
    }
}

/// <summary>
/// Schemas in gnostic's protobuf form of OpenAPI v2. Field numbers: gnostic-models, openapiv2/OpenAPIv2.proto.
/// </summary>
internal static class GnosticSchema
{
    public static void Write(ProtobufWriter message, JsonObject schema)
    {
        message.Text(1, (string?)schema["$ref"]);
        message.Text(2, (string?)schema["format"]);
        message.Text(4, (string?)schema["description"]);
        Any(message, 5, schema["default"]);
        Limits(message, schema);
        foreach (var name in schema["required"] as JsonArray ?? [])
        {
            message.Text(19, (string?)name);
        }

        foreach (var value in schema["enum"] as JsonArray ?? [])
        {
            Any(message, 20, value);
        }

        if (schema["additionalProperties"] is JsonObject values)
        {
            message.Message(21, item => item.Message(1, m => Write(m, values)));
        }

        if ((string?)schema["type"] is { } type)
        {
            message.Message(22, item => item.Text(1, type));
        }

        if (schema["items"] is JsonObject items)
        {
            message.Message(23, item => item.Message(1, m => Write(m, items)));
        }

        if (schema["properties"] is JsonObject properties)
        {
            message.Message(25, m => Named(m, 1, properties));
        }

        Extensions(message, 31, schema);
    }

    /// <summary>Writes named schemas: properties and definitions.</summary>
    public static void Named(ProtobufWriter message, int field, JsonObject schemas)
    {
        foreach (var (name, schema) in schemas)
        {
            message.Message(field, item =>
            {
                item.Text(1, name);
                item.Message(2, m => Write(m, schema!.AsObject()));
            });
        }
    }

    /// <summary>
    /// Writes the members with an <c>x-</c> prefix. gnostic stores arbitrary values as YAML, a superset of JSON.
    /// </summary>
    public static void Extensions(ProtobufWriter message, int field, JsonObject json)
    {
        foreach (var (name, value) in json)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                message.Message(field, item =>
                {
                    item.Text(1, name);
                    Any(item, 2, value);
                });
            }
        }
    }

    private static void Any(ProtobufWriter message, int field, JsonNode? value)
    {
        if (value is not null)
        {
            message.Message(field, any => any.Text(2, value.ToJsonString()));
        }
    }

    private static void Limits(ProtobufWriter message, JsonObject schema)
    {
        message.Float(6, (double?)schema["multipleOf"] ?? 0);
        message.Float(7, (double?)schema["maximum"] ?? 0);
        message.Boolean(8, (bool?)schema["exclusiveMaximum"] ?? false);
        message.Float(9, (double?)schema["minimum"] ?? 0);
        message.Boolean(10, (bool?)schema["exclusiveMinimum"] ?? false);
        message.Number(11, (long?)schema["maxLength"] ?? 0);
        message.Number(12, (long?)schema["minLength"] ?? 0);
        message.Text(13, (string?)schema["pattern"]);
        message.Number(14, (long?)schema["maxItems"] ?? 0);
        message.Number(15, (long?)schema["minItems"] ?? 0);
        message.Boolean(16, (bool?)schema["uniqueItems"] ?? false);
        message.Number(17, (long?)schema["maxProperties"] ?? 0);
        message.Number(18, (long?)schema["minProperties"] ?? 0);
    }
}
