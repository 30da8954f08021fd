using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Http;

/// <summary>The scale subresource: autoscaling/v1 Scale over the paths that the resource declares.</summary>
internal sealed class ScaleHandler(ResourceRegistry registry, ResourceCatalog catalog)
{
    public async Task HandleAsync(ResourceRequest request)
    {
        var found = registry.Get(request.Definition.StorageId, request.Namespace, request.Name)
            ?? throw ApiErrors.NotFound(request.Definition.Id, request.Name);
        switch (request.Info.Verb)
        {
            case "get":
                await request.Http.WriteJsonAsync(200, ScaleView.Read(request.Definition, found.Content));
                return;
            case "update":
                var wanted = (await RequestBody.ReadObjectAsync(request.Http, "Scale", request.Aborted)).Content;
                await WriteAsync(request, _ => wanted);
                return;
            case "patch":
                var patch = PatchBody.Parse(await RequestBody.ReadAsync(request.Http, request.Aborted));
                var type = RequestBody.MediaType(request.Http);
                var schema = BuiltInSchemas.For("autoscaling/v1", "Scale");
                await WriteAsync(request, current => patch.ApplyTo(current, type, schema));
                return;
            default:
                throw ApiErrors.MethodNotAllowed();
        }
    }

    private async Task WriteAsync(ResourceRequest request, Func<JsonObject, JsonObject> next)
    {
        var stored = catalog.Current.Storage(request.Definition.StorageId);
        JsonObject Next(JsonObject? old)
        {
            // An update sets replicas that do not exist yet; a patch applies to a scale without replicas.
            var wanted = next(Complete(request, old!));
            var changed = old!.DeepClone().AsObject();
            if (wanted.MetadataText("resourceVersion") is { } version)
            {
                changed.Metadata()["resourceVersion"] = version;
            }

            ScaleView.Write(request.Definition, changed, ScaleView.Replicas(request.Definition, request.Name, wanted));
            return changed;
        }

        var options = request.WriteOptions;
        var result = registry.Write(new WriteRequest(stored, request.Namespace, request.Name, options, Next)
        {
            View = content => Complete(request, content),
            Tracked = content => ScaleView.WithoutZero(request.Definition, content),
            OnWarning = request.Http.Warn,
        });
        await request.Http.WriteJsonAsync(200, ScaleView.Read(request.Definition, result.Object.Content));
    }

    private static JsonObject Complete(ResourceRequest request, JsonObject content)
    {
        var complete = content.DeepClone().AsObject();
        ScaleView.Ensure(request.Definition, complete);
        return ScaleView.Read(request.Definition, complete);
    }
}

/// <summary>Pure: reads a Scale from an object and writes its replicas back.</summary>
internal static class ScaleView
{
    public static JsonObject Read(ResourceDefinition definition, JsonObject content)
    {
        var scale = definition.Scale!;
        var replicas = content.At(Keys(scale.SpecReplicasPath));
        RequireReplicas(definition, content, scale.SpecReplicasPath, replicas);
        var metadata = new JsonObject();
        foreach (var field in new[] { "name", "namespace", "uid", "resourceVersion", "creationTimestamp" })
        {
            if (content["metadata"]?[field] is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        var status = new JsonObject { ["replicas"] = content.At(Keys(scale.StatusReplicasPath))?.DeepClone() ?? 0 };
        if (Selector(definition, content) is { Length: > 0 } selector)
        {
            status["selector"] = selector;
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = replicas?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }

    /// <exception cref="ApiStatusException">422: the replicas are negative.</exception>
    public static long Replicas(ResourceDefinition definition, string name, JsonObject scale)
    {
        var replicas = (scale["spec"] as JsonObject)?.Number("replicas") ?? 0;
        return replicas >= 0
            ? replicas
            : throw (definition.IsCustom
                ? NotANumber(definition, name, definition.Scale!.SpecReplicasPath, replicas)
                : ApiErrors.Invalid(
                    "autoscaling",
                    "Scale",
                    name,
                    FieldErrors.Invalid(
                        FieldPath.At("spec.replicas"), replicas, "must be greater than or equal to 0")));
    }

    /// <summary>
    /// A custom object may lack the field to which its definition refers; reading its scale is then an internal error.
    /// </summary>
    private static void RequireReplicas(
        ResourceDefinition definition, JsonObject content, string path, JsonNode? replicas)
    {
        if (!definition.IsCustom)
        {
            return;
        }

        if (replicas is null)
        {
            throw new ApiStatusException(
                500, "InternalError", $"Internal error occurred: the spec replicas field \"{path}\" does not exist");
        }

        if (replicas.Number() is { } number && number < 0)
        {
            throw NotANumber(definition, content.MetadataText("name") ?? "", path, number);
        }
    }

    private static ApiStatusException NotANumber(
        ResourceDefinition definition, string name, string path, long replicas) => ApiErrors.Invalid(
        definition.Id.Group,
        definition.Kind,
        name,
        FieldErrors.Invalid(FieldPath.At(path), replicas, "should be a non-negative integer"));

    /// <summary>Sets missing replicas to zero, so that a Scale can be read and edited.</summary>
    public static void Ensure(ResourceDefinition definition, JsonObject content)
    {
        if (!content.Has(Keys(definition.Scale!.SpecReplicasPath)))
        {
            Write(definition, content, 0);
        }
    }

    /// <summary>
    /// The object without zero replicas, which Go omits from a Scale. The API server tracks fields by this form, so
    /// scaling to zero removes the field from all field managers.
    /// </summary>
    public static JsonObject WithoutZero(ResourceDefinition definition, JsonObject content)
    {
        var path = Keys(definition.Scale!.SpecReplicasPath);
        if (content.Number(path) is not 0)
        {
            return content;
        }

        var tracked = content.DeepClone().AsObject();
        tracked.Map(path.AsSpan(..^1))?.Remove(path[^1]);
        return tracked;
    }

    public static void Write(ResourceDefinition definition, JsonObject content, long replicas)
    {
        var path = Keys(definition.Scale!.SpecReplicasPath);
        var parent = path[..^1].Aggregate(content, JsonAccess.Ensure);
        parent[path[^1]] = replicas;
    }

    // Built-in kinds have a selector in their spec; custom resources publish its text form in their status.
    private static string? Selector(ResourceDefinition definition, JsonObject content)
    {
        if (definition.IsCustom)
        {
            return definition.Scale!.LabelSelectorPath is { } path ? content.Text(Keys(path)) : null;
        }

        return LabelSelector.FromJson(content.At("spec", "selector")).ToString();
    }

    private static string[] Keys(string path) => path.TrimStart('.').Split('.');
}
