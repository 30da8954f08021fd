using DevCluster.Testing.RealApiServer;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters.StandIn;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>
/// A real API server from <c>KUBEBUILDER_ASSETS</c>, with kube-controller-manager and kube-scheduler where they are in
/// that folder too. Pods are played by a stand-in for the kubelet.
/// </summary>
internal sealed class AssetsTestCluster : ITestCluster
{
    /// <summary>
    /// Only those whose work the product relies on: a node without a real kubelet would be declared lost by others.
    /// </summary>
    private const string Controllers =
        "garbage-collector-controller,namespace-controller,endpointslice-controller,disruption-controller,"
        + "horizontal-pod-autoscaler-controller";

    private readonly RealCluster _server;
    private readonly ApiClient _api;
    private StandInKubelet? _kubelet;

    private AssetsTestCluster(RealCluster server, string kubeconfig, bool hasControllers)
    {
        (_server, Kubeconfig) = (server, kubeconfig);
        _api = new ApiClient(Kubeconfigs.Read(kubeconfig));
        Traits = new ClusterTraits
        {
            Name = "the API server of KUBEBUILDER_ASSETS",
            Workloads = new SimulatedWorkloads(),
            CollectsGarbage = hasControllers,
            Autoscales = hasControllers,
            CountsDisruptions = hasControllers,

            // kube-controller-manager's back-off for a namespace that is not empty yet grows with the load.
            Patience = TimeSpan.FromMinutes(hasControllers ? 3 : 1),
        };
    }

    public string Kubeconfig { get; }

    public ClusterTraits Traits { get; }

    /// <param name="probe">With which exit code the probe of a trial ends in a namespace.</param>
    public static async Task<AssetsTestCluster> StartAsync(
        CancellationToken cancellationToken, Func<string, int?>? probe = null)
    {
        var server = await RealCluster.StartAsync(cancellationToken)
            ?? throw new InvalidOperationException(RealCluster.SkipReason);
        var hasControllers = server.TryStart(
            "kube-controller-manager", $"--controllers={Controllers}", "--horizontal-pod-autoscaler-sync-period=2s");
        var hasScheduler = server.TryStart("kube-scheduler");
        var cluster = new AssetsTestCluster(
            server, await File.ReadAllTextAsync(server.KubeconfigFile, cancellationToken), hasControllers);
        await cluster.MakeDnsAsync(cancellationToken);
        await cluster.MakeEndpointsAsync(cancellationToken);
        cluster._kubelet =
            await StandInKubelet.StartAsync(cluster._api, schedules: !hasScheduler, cancellationToken, probe);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (_kubelet is not null)
        {
            await _kubelet.DisposeAsync();
        }

        _api.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>
    /// Where the API server is, which one on loopback does not publish. Without it, every Space warns.
    /// </summary>
    private async Task MakeEndpointsAsync(CancellationToken cancellationToken)
    {
        const string name = "kubernetes";
        await _api.CreateAsync(
            new V1EndpointSlice
            {
                ApiVersion = "discovery.k8s.io/v1",
                Kind = "EndpointSlice",
                Metadata = new()
                {
                    Name = name,
                    NamespaceProperty = "default",
                    Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = name },
                },
                AddressType = "IPv4",
                Endpoints = [new() { Addresses = ["192.0.2.7"] }],
                Ports = [new() { Name = "https", Port = 6443, Protocol = "TCP" }],
            },
            cancellationToken);
    }

    /// <summary>
    /// The Service by which the operator finds the cluster's DNS; without one, every Space warns that there is none.
    /// </summary>
    private async Task MakeDnsAsync(CancellationToken cancellationToken)
    {
        const string name = "kube-dns";
        // The API server makes the namespace itself, but a moment after it is ready. The second to make it is refused.
        await _api.CreateAsync(
            new V1Namespace
            {
                ApiVersion = "v1",
                Kind = "Namespace",
                Metadata = new() { Name = "kube-system" },
            },
            cancellationToken);
        (await _api.CreateAsync(
            new V1Service
            {
                ApiVersion = "v1",
                Kind = "Service",
                Metadata = new() { Name = name, NamespaceProperty = "kube-system" },
                Spec = new()
                {
                    Selector = new Dictionary<string, string> { ["k8s-app"] = name },
                    Ports =
                    [
                        new() { Name = "dns", Port = 53, Protocol = "UDP", TargetPort = 53 },
                        new() { Name = "dns-tcp", Port = 53, Protocol = "TCP", TargetPort = 53 },
                    ],
                },
            },
            cancellationToken)).Require();
    }
}
