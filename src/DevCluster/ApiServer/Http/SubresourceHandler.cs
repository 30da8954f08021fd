using System.Text;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>The subresources of built-in kinds other than status and scale.</summary>
internal sealed class SubresourceHandler(
    ResourceRegistry registry,
    ObjectReader reader,
    ObjectWriter writer,
    ObjectPatcher patcher,
    ServiceAccountTokens tokens,
    PodStreamHandler? pods,
    ServiceProxy services,
    TimeProvider clock,
    CancellationToken serverStopping)
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
        "proxy" => ProxyAsync(request),
        var name => ConnectAsync(request, name),
    };

    /// <summary>Admission runs first, even if the response is that the pod does not really run.</summary>
    private async Task ConnectAsync(ResourceRequest request, string? name)
    {
        Judge(request, AdmissionOperation.Connect, ConnectOptions(request));
        if (pods is not null)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, serverStopping);
            var pod = Find(request);
            await (name == "portforward"
                ? pods.ForwardAsync(request, pod, ending.Token)
                : pods.ExecAsync(request, pod, isAttach: name == "attach", ending.Token));
            return;
        }

        throw new ApiStatusException(
            501, "NotImplemented", Simulated + (name == "portforward" ? "forward to" : $"{name} in"), []);
    }

    private async Task ProxyAsync(ResourceRequest request)
    {
        Judge(request, AdmissionOperation.Connect, new JsonObject
        {
            ["kind"] = "ServiceProxyOptions",
            ["apiVersion"] = "v1",
            ["path"] = request.Info.ProxiedPath,
        });
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, serverStopping);
        await services.PassOnAsync(request, ending.Token);
    }

    private static JsonObject ConnectOptions(ResourceRequest request)
    {
        var options = new JsonObject
        {
            ["kind"] = request.Definition.Subresources.First(item => item.Name == request.Info.Subresource).Kind,
            ["apiVersion"] = "v1",
        };
        foreach (var (key, values) in request.Query)
        {
            options[key] = key switch
            {
                "command" => new JsonArray([.. values.Select(value => (JsonNode?)value)]),
                "stdin" or "stdout" or "stderr" or "tty" => values.ToString() is "true" or "1",
                _ => values.ToString(),
            };
        }

        return options;
    }

    private void Judge(ResourceRequest request, AdmissionOperation operation, JsonObject content) =>
        registry.Judge(
            new AdmissionContext(
                operation,
                request.Definition.StorageId,
                request.Info.Subresource,
                request.Namespace,
                request.Name,
                content,
                null,
                request.IsDryRun,
                registry)
            {
                Definition = request.Definition,
                Options = request.WriteOptions,
            },
            request.Http.Warn);

    private Task EphemeralContainersAsync(ResourceRequest request) => request.Info.Verb switch
    {
        "get" => reader.GetAsync(request),
        "update" => writer.UpdateAsync(request),
        _ => patcher.PatchAsync(request),
    };

    private async Task LogAsync(ResourceRequest request)
    {
        var pod = Find(request);
        if (pods is not null)
        {
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, serverStopping);
            await pods.LogAsync(request, pod, leaving.Token);
            return;
        }

        var log = SimulatedLog.FromPod(pod, request.Query);
        var line = Encoding.UTF8.GetBytes(log.Text);
        if (request.Query["follow"].ToString() is not ("true" or "1"))
        {
            await request.Http.WriteBytesAsync(200, line, "text/plain");
            return;
        }

        // A follower stays connected until the container ends, as with a process that writes no more.
        using var watch = registry.Store.Watch(pod.Resource, pod.ResourceVersion);
        request.Http.Response.ContentType = "text/plain";
        await request.Http.Response.Body.WriteAsync(line, request.Aborted);
        await request.Http.Response.Body.FlushAsync(request.Aborted);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, serverStopping);
        try
        {
            while (!log.HasEnded(pod) && await watch.Changes.WaitToReadAsync(ending.Token))
            {
                while (watch.Changes.TryRead(out var change))
                {
                    if (change?.Object.Uid == pod.Uid)
                    {
                        pod = change.Object;
                        if (change.Type == ChangeType.Deleted)
                        {
                            return;
                        }
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client disconnected or the server shuts down.
        }
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
        if (eviction.MetadataText("name") != request.Name)
        {
            throw ApiErrors.BadRequest("name in URL does not match name in Eviction object");
        }

        Judge(request, AdmissionOperation.Create, eviction);
        var options = DeleteRequestOptions.Parse(request, eviction["deleteOptions"] as JsonObject ?? []);
        PodEviction.Evict(registry, request.Definition, Find(request), options, clock.GetUtcNow());
        await request.Http.WriteJsonAsync(201, StatusWriter.Success());
    }

    private async Task IssueTokenAsync(ResourceRequest request)
    {
        var wanted = (await RequestBody.ReadObjectAsync(request.Http, "TokenRequest", request.Aborted)).Content;
        await request.Http.WriteJsonAsync(
            201, TokenRequests.Answer(tokens, registry, Find(request), wanted, clock.GetUtcNow()));
    }

    private StoredObject Find(ResourceRequest request) =>
        registry.Get(request.Definition.StorageId, request.Namespace, request.Name)
        ?? throw ApiErrors.NotFound(request.Definition.Id, request.Name);
}

/// <summary>Handles <c>pods/binding</c>, which schedulers create.</summary>
internal static class PodBinding
{
    public static void Bind(
        IResourceRegistry registry, StoredObject pod, JsonObject binding, WriteOptions options, DateTimeOffset now)
    {
        var node = binding.NonEmpty("target", "name")
            ?? throw ApiErrors.Invalid(
                "", "Binding", pod.Name, FieldErrors.Required(FieldPath.At("target.name")));
        registry.Update(pod.Resource, pod.Namespace, pod.Name, content => Assign(pod, content, node, now), options);
    }

    private static void Assign(StoredObject pod, JsonObject content, string node, DateTimeOffset now)
    {
        var spec = content["spec"]!.AsObject();
        if (spec.NonEmpty("nodeName") is { } assigned)
        {
            throw ApiErrors.Conflict(
                new ResourceId("", "pods/binding"),
                pod.Name,
                $"pod {pod.Name} is already assigned to node \"{assigned}\"");
        }

        spec["nodeName"] = node;
        ConditionList.Set(content.Ensure("status"), ConditionList.Make("PodScheduled", true), now);
    }
}
