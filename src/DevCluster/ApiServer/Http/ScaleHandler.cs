using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.Http;

/// <summary>The scale subresource: autoscaling/v1 Scale over the paths that the resource names.</summary>
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
            // An update replaces what is not there yet; a patch starts from a scale without replicas.
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
