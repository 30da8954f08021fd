using System.Text;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary>The subresources of built-in kinds other than status and scale.</summary>
internal sealed class SubresourceHandler(
    ResourceRegistry registry, ObjectReader reader, ObjectWriter writer, ObjectPatcher patcher, ServiceAccountTokens tokens, TimeProvider clock)
{
    private const string Simulated = "the dev cluster simulates its node: no container runs, so there is nothing to ";

    public Task HandleAsync(ResourceRequest request) => request.Info.Subresource switch
    {
        "finalize" => writer.UpdateAsync(request),
        "ephemeralcontainers" => EphemeralContainersAsync(request),
        "binding" => BindAsync(request),
        "eviction" => EvictAsync(request),
        "token" => IssueTokenAsync(request),
        "log" => LogAsync(request),
        var name => throw new ApiStatusException(501, "NotImplemented", Simulated + (name == "portforward" ? "forward to" : $"{name} in"), []),
    };

    private Task EphemeralContainersAsync(ResourceRequest request) => request.Info.Verb switch
    {
        "get" => reader.GetAsync(request),
        "update" => writer.UpdateAsync(request),
        _ => patcher.PatchAsync(request),
    };

    private Task LogAsync(ResourceRequest request)
    {
        var pod = Find(request);
        var line = $"dynospace dev: the node is simulated, so {pod.Namespace}/{pod.Name} runs no process and writes no log.\n";
        return request.Http.WriteBytesAsync(200, Encoding.UTF8.GetBytes(line), "text/plain");
    }

    private async Task BindAsync(ResourceRequest request)
    {
        var binding = (await RequestBody.ReadObjectAsync(request.Http, "Binding", request.Aborted)).Content;
        PodBinding.Bind(registry, Find(request), binding, request.WriteOptions, clock.GetUtcNow());
        await request.Http.WriteJsonAsync(201, StatusWriter.Success());
    }

    private async Task EvictAsync(ResourceRequest request)
    {
        var eviction = (await RequestBody.ReadObjectAsync(request.Http, "Eviction", request.Aborted)).Content;
        var pod = Find(request);
        EvictionBudget.Require(registry, pod);
        var options = eviction["deleteOptions"] as JsonObject;
        registry.Delete(
            pod.Resource, pod.Namespace, pod.Name, new DeletionOptions(options?.NumberOf("gracePeriodSeconds"), DryRun: request.IsDryRun));
        await request.Http.WriteJsonAsync(201, StatusWriter.Success());
    }

    private async Task IssueTokenAsync(ResourceRequest request)
    {
        var wanted = (await RequestBody.ReadObjectAsync(request.Http, "TokenRequest", request.Aborted)).Content;
        await request.Http.WriteJsonAsync(201, TokenRequests.Answer(tokens, Find(request), wanted, clock.GetUtcNow()));
    }

    private StoredObject Find(ResourceRequest request) =>
        registry.Get(request.Definition.StorageId, request.Namespace, request.Name)
        ?? throw ApiErrors.NotFound(request.Definition.Id, request.Name);
}
