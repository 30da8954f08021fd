using System.Text.Json.Nodes;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>
/// The whole document in gnostic's protobuf form. Field numbers: gnostic-models, openapiv2/OpenAPIv2.proto.
/// </summary>
internal static class GnosticDocument
{
    private static readonly (string Method, int Field)[] Methods =
    [
        ("get", 2),
        ("put", 3),
        ("post", 4),
        ("delete", 5),
        ("patch", 8),
    ];

    public static byte[] Encode(JsonObject document)
    {
        var message = new ProtobufWriter();
        message.Text(1, (string?)document["swagger"]);
        message.Message(2, info =>
        {
            info.Text(1, (string?)document["info"]?["title"]);
            info.Text(2, (string?)document["info"]?["version"]);
        });
        message.Message(8, paths =>
        {
            foreach (var (name, path) in document["paths"]!.AsObject())
            {
                paths.Message(2, item =>
                {
                    item.Text(1, name);
                    item.Message(2, m => Path(m, path!.AsObject()));
                });
            }
        });
        message.Message(9, definitions => GnosticSchema.Named(definitions, 1, document["definitions"]!.AsObject()));
        return message.ToArray();
    }

    private static void Path(ProtobufWriter message, JsonObject path)
    {
        foreach (var (method, field) in Methods)
        {
            if (path[method] is JsonObject operation)
            {
                message.Message(field, m => Operation(m, operation));
            }
        }

        Parameters(message, 9, path);
    }

    private static void Operation(ProtobufWriter message, JsonObject operation)
    {
        Texts(message, 1, operation["tags"]);
        message.Text(3, (string?)operation["description"]);
        message.Text(5, (string?)operation["operationId"]);
        Texts(message, 6, operation["produces"]);
        Texts(message, 7, operation["consumes"]);
        Parameters(message, 8, operation);
        message.Message(9, responses =>
        {
            foreach (var (code, response) in operation["responses"]!.AsObject())
            {
                responses.Message(1, item =>
                {
                    item.Text(1, code);
                    item.Message(2, value => value.Message(1, m => Response(m, response!.AsObject())));
                });
            }
        });
        Texts(message, 10, operation["schemes"]);
        GnosticSchema.Extensions(message, 13, operation);
    }

    private static void Response(ProtobufWriter message, JsonObject response)
    {
        message.Text(1, (string?)response["description"]);
        if (response["schema"] is JsonObject schema)
        {
            message.Message(2, item => item.Message(1, m => GnosticSchema.Write(m, schema)));
        }
    }

    private static void Parameters(ProtobufWriter message, int field, JsonObject owner)
    {
        foreach (var parameter in owner["parameters"] as JsonArray ?? [])
        {
            message.Message(field, item => item.Message(1, m => Parameter(m, parameter!.AsObject())));
        }
    }

    private static void Parameter(ProtobufWriter message, JsonObject parameter)
    {
        if ((string?)parameter["in"] == "body")
        {
            message.Message(1, body =>
            {
                body.Text(2, (string?)parameter["name"]);
                body.Text(3, "body");
                body.Boolean(4, (bool?)parameter["required"] ?? false);
                body.Message(5, m => GnosticSchema.Write(m, parameter["schema"]!.AsObject()));
            });
            return;
        }

        // The parts of path and query parameters are the same but for one number that shifts the rest.
        var isInPath = (string?)parameter["in"] == "path";
        message.Message(2, other => other.Message(isInPath ? 4 : 3, m =>
        {
            m.Boolean(1, (bool?)parameter["required"] ?? false);
            m.Text(2, (string?)parameter["in"]);
            m.Text(3, (string?)parameter["description"]);
            m.Text(4, (string?)parameter["name"]);
            m.Text(isInPath ? 5 : 6, (string?)parameter["type"]);
            m.Boolean(isInPath ? 19 : 20, (bool?)parameter["uniqueItems"] ?? false);
        }));
    }

    private static void Texts(ProtobufWriter message, int field, JsonNode? values)
    {
        foreach (var value in values as JsonArray ?? [])
        {
            message.Text(field, (string?)value);
        }
    }
}
