using DevCluster.ApiServer.Storage;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Controllers;

/// <summary>The size of the simulated cluster and the speed of its parts.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The nodes to begin with, at most 16, because each takes a /16 of 172.16.0.0/12 for its pods.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>
    /// The length of the prefix of a node's pod addresses, from 16 to 30: each pod takes a /30. Of each node's /16 the
    /// first such range is used.
    /// </summary>
    public int PodRangePrefix { get; init; } = 16;

    /// <summary>The IPv6 addresses of pods and nodes; null for IPv4 alone. Services have IPv4 addresses.</summary>
    public SecondFamily? SecondFamily { get; init; }

    /// <summary>Nodes are called by this and a number: <c>dev-node-1</c>.</summary>
    public string NodeNamePrefix { get; init; } = "dev-node-";

    /// <summary>The value of <c>topology.kubernetes.io/region</c>.</summary>
    public string Region { get; init; } = "local";

    /// <summary>The values of <c>topology.kubernetes.io/zone</c>, handed to the nodes in turn.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["local-a"];

    /// <summary>Further labels of every node, for example one that shows that the network is simulated.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The annotations by which a pod asks for faults; the first one that is present counts.
    /// </summary>
    public IReadOnlyList<string> SimulationAnnotations { get; init; } = ["devcluster.dev/simulate"];

    /// <summary>What a node offers; generous, because nothing really runs.</summary>
    public IReadOnlyDictionary<string, string> NodeCapacity { get; init; } = new Dictionary<string, string>
    {
        ["cpu"] = "16k",
        ["memory"] = "64Ti",
        ["ephemeral-storage"] = "10Ti",
        ["pods"] = "16k",
    };

    /// <summary>
    /// The PEM of the cluster's CA, for the <c>kube-root-ca.crt</c> config map of every namespace; null makes none.
    /// </summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>
    /// The endpoint of the Service <c>kubernetes</c>: an address of the simulated nodes' network, because the one it
    /// really listens on is a loopback address, which endpoints may not have.
    /// </summary>
    public string ApiServerAddress { get; init; } = "192.168.240.2";

    /// <inheritdoc cref="ApiServerAddress"/>
    public int ApiServerPort { get; init; } = 6443;

    /// <summary>
    /// From a pod's binding to its containers running; zero reports them running in the first status.
    /// </summary>
    public TimeSpan StartupDelay { get; init; } = TimeSpan.Zero;

    /// <summary>From running to ready, where a container has a readiness probe.</summary>
    public TimeSpan ReadinessDelay { get; init; } = TimeSpan.Zero;

    /// <summary>From SIGTERM to the end of a well-behaved container.</summary>
    public TimeSpan TerminationDelay { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// How long a container runs that is meant to end (restartPolicy Never or OnFailure, init containers).
    /// </summary>
    public TimeSpan RunToCompletion { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The first back-off of a crashing container, doubled at each crash up to <see cref="CrashBackoffLimit"/>.
    /// </summary>
    public TimeSpan CrashBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="CrashBackoff"/>
    public TimeSpan CrashBackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long events are kept.</summary>
    public TimeSpan EventLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Events a second that the scheduler and each node may write after a burst of twice as many; what exceeds it is
    /// dropped, as kubelet does, so that a thousand pods do not cost four thousand events.
    /// </summary>
    public int EventsPerSecond { get; init; } = 50;

    /// <summary>Runs the pods for real; null lets the nodes say that they do.</summary>
    public INodeRuntime? Runtime { get; init; }

    /// <summary>Issues the token of a service account, bound to a pod that really runs.</summary>
    public Func<StoredObject, StoredObject, string>? IssueToken { get; init; }
}
