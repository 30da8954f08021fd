using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>Writes paths in one dialect.</summary>
internal sealed class PathsWriter(SchemaWriter schemas)
{
    private static readonly string[] MediaTypes = ["application/json", "application/yaml"];

    private static readonly string[] PatchTypes =
    [
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ];

    private bool IsV3 => schemas.Dialect == Dialect.V3;

    public JsonObject Write(IEnumerable<ResourceDefinition> resources)
    {
        var paths = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            foreach (var path in ApiPaths.Of(resource))
            {
                paths[path.Path] = Path(path, resource);
            }
        }

        return new JsonObject(paths);
    }

    private JsonObject Path(ApiPath path, ResourceDefinition resource)
    {
        var json = new JsonObject();
        foreach (var operation in path.Operations)
        {
            json[operation.Method] = Operation(operation, resource);
        }

        json["parameters"] = new JsonArray([.. path.Parameters.Select(Parameter)]);
        return json;
    }

    private JsonObject Operation(ApiOperation operation, ResourceDefinition resource)
    {
        var group = resource.Id.Group.Length == 0 ? "core" : resource.Id.Group.Split('.')[0];
        var json = new JsonObject
        {
            ["tags"] = new JsonArray($"{group}_{resource.Version}"),
            ["description"] = operation.Description,
            ["operationId"] = operation.Id,
        };
        List<JsonNode?> parameters = [.. operation.Parameters.Select(Parameter)];
        string[] bodyTypes = !operation.IsPatch
            ? ["*/*"]
            : resource.IsCustom
                ? [.. PatchTypes.Where(t => !t.Contains("strategic", StringComparison.Ordinal))]
                : PatchTypes;
        if (!IsV3)
        {
            json["consumes"] = Strings(bodyTypes);
            json["produces"] = Strings(MediaTypes);
            json["schemes"] = Strings(["https"]);
        }

        if (operation.Body is { } body)
        {
            var isRequired = operation.Method != "delete";
            if (IsV3)
            {
                json["requestBody"] = new JsonObject
                {
                    ["content"] = Content(bodyTypes, body),
                    ["required"] = isRequired,
                };
            }
            else
            {
                parameters.Insert(0, new JsonObject
                {
                    ["name"] = "body",
                    ["in"] = "body",
                    ["required"] = isRequired,
                    ["schema"] = schemas.Reference(body),
                });
            }
        }

        if (parameters.Count > 0)
        {
            json["parameters"] = new JsonArray([.. parameters]);
        }

        json["responses"] = Responses(operation);
        json["x-kubernetes-action"] = operation.Action;
        json["x-kubernetes-group-version-kind"] = new JsonObject
        {
            ["group"] = operation.Kind.Group,
            ["kind"] = operation.Kind.Kind,
            ["version"] = operation.Kind.Version,
        };
        return json;
    }

    private JsonObject Responses(ApiOperation operation)
    {
        var responses = new JsonObject();
        foreach (var code in operation.SuccessCodes)
        {
            var response = new JsonObject
            {
                ["description"] = code switch { 200 => "OK", 201 => "Created", _ => "Accepted" },
            };
            response[IsV3 ? "content" : "schema"] = IsV3
                ? Content(MediaTypes, operation.Response)
                : schemas.Reference(operation.Response);
            responses[code.ToString(CultureInfo.InvariantCulture)] = response;
        }

        responses["401"] = new JsonObject { ["description"] = "Unauthorized" };
        return responses;
    }

    private JsonObject Content(IEnumerable<string> mediaTypes, string definition) => new(mediaTypes.Select(type =>
        KeyValuePair.Create(type, (JsonNode?)new JsonObject { ["schema"] = schemas.Reference(definition) })));

    private JsonNode? Parameter(RequestParameter parameter)
    {
        var json = new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.IsInPath ? "path" : "query",
            ["description"] = parameter.Description,
        };
        if (parameter.IsInPath)
        {
            json["required"] = true;
        }

        var type = new JsonObject { ["type"] = parameter.Type, ["uniqueItems"] = true };
        if (IsV3)
        {
            json["schema"] = type;
        }
        else
        {
            json["type"] = parameter.Type;
            json["uniqueItems"] = true;
        }

        return json;
    }

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode?)v)]);
}
