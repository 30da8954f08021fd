using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Http;

/// <summary>Hands an authorized resource request to the handler of its verb and subresource.</summary>
internal sealed class ResourceRouter(
    ObjectReader reader,
    WatchStreamer watches,
    ObjectWriter writer,
    ObjectPatcher patcher,
    ObjectDeleter deleter,
    ScaleHandler scale,
    SubresourceHandler subresources,
    ReviewHandler reviews)
{
    public Task RouteAsync(ResourceRequest request)
    {
        var definition = request.Definition;
        if (definition.IsVirtual)
        {
            return request.Info is { Verb: "create", Subresource: null }
                ? reviews.AnswerAsync(request)
                : throw ApiErrors.MethodNotAllowed();
        }

        if (!definition.IsNamespaced && request.Info.Namespace is not null && definition.Id.Plural != "namespaces")
        {
            throw ApiErrors.UnknownResource();
        }

        return request.Info.Subresource switch
        {
            null => RouteVerb(request),
            "status" when definition.HasStatus => RouteStatus(request),
            "scale" when definition.Scale is not null => scale.HandleAsync(request),
            var name when definition.Subresources.FirstOrDefault(sub => sub.Name == name) is { } subresource =>
                subresource.Verbs.Contains(request.Info.Verb)
                    ? subresources.HandleAsync(request)
                    : throw ApiErrors.MethodNotAllowed(),
            _ => throw ApiErrors.UnknownResource(),
        };
    }

    private Task RouteVerb(ResourceRequest request)
    {
        var isNamed = request.Info.IsNamed;
        return request.Info.Verb switch
        {
            "watch" => watches.WatchAsync(request),
            "list" => reader.ListAsync(request),
            "get" => reader.GetAsync(request),
            "create" when !isNamed => writer.CreateAsync(request),
            "update" when isNamed => writer.UpdateAsync(request),
            "patch" when isNamed => patcher.PatchAsync(request),
            "delete" => deleter.DeleteAsync(request),
            "deletecollection" => deleter.DeleteCollectionAsync(request),
            _ => throw ApiErrors.MethodNotAllowed(),
        };
    }

    private Task RouteStatus(ResourceRequest request) => request.Info.Verb switch
    {
        "get" => reader.GetAsync(request),
        "update" => writer.UpdateAsync(request),
        "patch" => patcher.PatchAsync(request),
        _ => throw ApiErrors.MethodNotAllowed(),
    };
}
