using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Routers;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>A whole cluster that <c>KUBECONFIG_REAL</c> names; pods really run there.</summary>
internal sealed class GivenTestCluster : ITestCluster
{
    private GivenTestCluster(string kubeconfig, ClusterTraits traits) => (Kubeconfig, Traits) = (kubeconfig, traits);

    public string Kubeconfig { get; }

    public ClusterTraits Traits { get; }

    public static async Task<GivenTestCluster> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var kubeconfig = await File.ReadAllTextAsync(path, cancellationToken);
        using var api = new ApiClient(Kubeconfigs.Read(kubeconfig));
        return new GivenTestCluster(kubeconfig, new ClusterTraits
        {
            Name = "the cluster of KUBECONFIG_REAL",
            Workloads = new ShellWorkloads(
                Environment.GetEnvironmentVariable("DYNOSPACE_TEST_IMAGE") ?? "docker.io/library/busybox:1.37",
                Environment.GetEnvironmentVariable("DYNOSPACE_TEST_IMAGE_TOO")),
            RunsPods = true,
            RouterImage = Environment.GetEnvironmentVariable(RoutersOnNodes.ImageVariable) is { Length: > 0 } image
                ? image
                : null,
            Region = await RegionAsync(api, cancellationToken),
            Patience = TimeSpan.FromMinutes(3),
        });
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<string?> RegionAsync(ApiClient api, CancellationToken cancellationToken)
    {
        var nodes =
            await api.SendAsync(
                HttpMethod.Get,
                Kinds.Node.CollectionPath(null),
                null,
                ApiClient.Json,
                ApiClient.Json,
                cancellationToken);
        return nodes.Require()["items"]!.AsArray()
            .Select(node => (string?)node!["metadata"]?["labels"]?["topology.kubernetes.io/region"])
            .OfType<string>()
            .FirstOrDefault();
    }
}
