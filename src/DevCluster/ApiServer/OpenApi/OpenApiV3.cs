// OpenApi: the OpenAPI documents, generated from the schemas of all resources.

using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Discovery;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>The documents below <c>/openapi/v3</c>, one for each group version.</summary>
public static class OpenApiV3
{
    /// <summary>Describes the paths of one group version and every type to which they refer.</summary>
    public static JsonObject Document(IReadOnlyList<ResourceDefinition> resourcesOfOneGroupVersion)
    {
        var schemas = new SchemaWriter(Dialect.V3);
        var paths = new PathsWriter(schemas).Write(resourcesOfOneGroupVersion);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = DefinitionsWriter.Write(resourcesOfOneGroupVersion, schemas),
            },
        };
    }

    internal static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion };
}

/// <summary>Writes the paths of OpenAPI v3.</summary>
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

    public JsonObject Write(IEnumerable<ResourceDefinition> resources)
    {
        var paths = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            foreach (var path in ApiPaths.ForResource(resource))
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
        string[] bodyTypes = !operation.IsPatch
            ? ["*/*"]
            : resource.IsCustom
                ? [.. PatchTypes.Where(t => !t.Contains("strategic", StringComparison.Ordinal))]
                : PatchTypes;
        if (operation.Body is { } body)
        {
            json["requestBody"] = new JsonObject
            {
                ["content"] = Content(bodyTypes, body),
                ["required"] = operation.Method != "delete",
            };
        }

        if (operation.Parameters.Count > 0)
        {
            json["parameters"] = new JsonArray([.. operation.Parameters.Select(Parameter)]);
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
            responses[code.ToString(CultureInfo.InvariantCulture)] = new JsonObject
            {
                ["description"] = code switch { 200 => "OK", 201 => "Created", _ => "Accepted" },
                ["content"] = Content(MediaTypes, operation.Response),
            };
        }

        responses["401"] = new JsonObject { ["description"] = "Unauthorized" };
        return responses;
    }

    private JsonObject Content(IEnumerable<string> mediaTypes, string definition) => new(mediaTypes.Select(type =>
        KeyValuePair.Create(type, (JsonNode?)new JsonObject { ["schema"] = schemas.Reference(definition) })));

    private static JsonNode? Parameter(RequestParameter parameter)
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

        json["schema"] = new JsonObject { ["type"] = parameter.Type, ["uniqueItems"] = true };
        return json;
    }
}
