using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Benchmarks.Load;

/// <summary>What the benchmark asks of the API server.</summary>
internal sealed class Cluster : IDisposable
{
    private static readonly ResourceKind Definitions = ResourceKind.For<V1CustomResourceDefinition>(
        isNamespaced: false);
    private static readonly WriteQuery Query = new() { FieldManager = "benchmark", Force = true };

    private readonly Kubernetes _client;

    public Cluster(string kubeconfigFile)
    {
        _client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfigFile));
        Transport = new ApiTransport(
            _client, new ApiTransportOptions { UserAgent = "dynospace-benchmark" }, TimeProvider.System);
    }

    public static ResourceKind Spaces { get; } = ResourceKind.For<Space>(isNamespaced: false);

    public static ResourceKind Apps { get; } = ResourceKind.For<App>();

    public static ResourceKind Pods { get; } = ResourceKind.For<V1Pod>();

    public static ResourceKind Dynos { get; } = ResourceKind.For<Dyno>();

    public static ResourceKind Events { get; } = ResourceKind.For<Corev1Event>();

    /// <summary>The kinds that the operator writes for apps.</summary>
    public static IReadOnlyList<ResourceKind> Written { get; } =
        [Dynos, Pods, Apps, ResourceKind.For<V1Service>(), ResourceKind.For<V1ControllerRevision>(), Events];

    public IApiTransport Transport { get; }

    /// <summary>The plain client that raw writes go through.</summary>
    public IKubernetes Client => _client;

    /// <summary>Applies <c>crds/</c> and waits until the kinds are served.</summary>
    public async Task DefineAsync(CancellationToken cancellationToken)
    {
        foreach (var file in Directory.GetFiles(RepositoryFolder.Combine("crds"), "dynospace.dev_*.yaml"))
        {
            var definition = YamlReader.ReadAll(await File.ReadAllTextAsync(file, cancellationToken))
                .Single()
                .AsObject();
            await Transport.ApplyAsync(
                Definitions, JsonObjects.KeyOf(definition), definition, Query, cancellationToken);
        }

        foreach (var kind in new[] { Spaces, Apps })
        {
            await UntilServedAsync(kind, cancellationToken);
        }
    }

    public Task CreateAsync<T>(T value, ResourceKind kind, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
            Transport.CreateAsync(kind, JsonObjects.From(value), Query, cancellationToken);

    public Task SetQuantityAsync(ObjectKey app, int quantity, CancellationToken cancellationToken) =>
        Transport.PatchAsync(
            Apps,
            app,
            PatchFormat.Merge,
            new JsonObject
            {
                ["spec"] = new JsonObject
                {
                    ["processes"] = new JsonArray(
                        new JsonObject { ["type"] = Objects.ProcessType, ["quantity"] = quantity }),
                },
            },
            Query,
            cancellationToken);

    public Task DeletePodsAsync(string ns, CancellationToken cancellationToken) =>
        _client.CoreV1.DeleteCollectionNamespacedPodAsync(
            ns, gracePeriodSeconds: 0, cancellationToken: cancellationToken);

    /// <summary>Sends requests, so many at once.</summary>
    public static Task ParallelAsync(
        int count, int parallelism, Func<int, CancellationToken, Task> send, CancellationToken cancellationToken) =>
            Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellationToken },
            (i, token) => new ValueTask(send(i, token)));

    public void Dispose() => _client.Dispose();

    private async Task UntilServedAsync(ResourceKind kind, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"After a minute the API server does not serve {kind.Plural}.");
            }

            try
            {
                using var page = await Transport.ListAsync(kind, new ListQuery { Limit = 1 }, cancellationToken);
                return;
            }
            catch (ApiException e) when (e.IsNotFound || e.Status.RetryAfter is not null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
    }
}
