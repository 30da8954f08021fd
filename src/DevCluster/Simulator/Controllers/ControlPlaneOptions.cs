using DevCluster.ApiServer.Storage;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Simulator.Controllers;

/// <summary>The size of the simulated cluster and the speed of its parts.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The initial number of nodes, at most 16: each uses a /16 of 172.16.0.0/12 for its pods.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>
    /// The prefix length of a node's pod CIDR, from 16 to 30; each pod uses a /30. The CIDR is the first of this length
    /// in the node's /16.
    /// </summary>
    public int PodRangePrefix { get; init; } = 16;

    /// <summary>The IPv6 networks of pods and nodes; null for IPv4 only. Services are always IPv4.</summary>
    public SecondFamily? SecondFamily { get; init; }

    /// <summary>The prefix of node names, followed by a number: <c>dev-node-1</c>.</summary>
    public string NodeNamePrefix { get; init; } = "dev-node-";

    /// <summary>The value of <c>topology.kubernetes.io/region</c>.</summary>
    public string Region { get; init; } = "local";

    /// <summary>The values of <c>topology.kubernetes.io/zone</c>, assigned to the nodes in turn.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["local-a"];

    /// <summary>Additional labels of every node, such as one that marks the network as simulated.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>The annotations by which a pod requests faults; the first one present applies.</summary>
    public IReadOnlyList<string> SimulationAnnotations { get; init; } = ["devcluster.dev/simulate"];

    /// <summary>The capacity of a node; large, because nothing really runs.</summary>
    public IReadOnlyDictionary<string, string> NodeCapacity { get; init; } = new Dictionary<string, string>
    {
        ["cpu"] = "16k",
        ["memory"] = "64Ti",
        ["ephemeral-storage"] = "10Ti",
        ["pods"] = "16k",
    };

    /// <summary>
    /// The PEM of the cluster's CA, for the <c>kube-root-ca.crt</c> ConfigMap of every namespace; null creates none.
    /// </summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>
    /// The endpoint of the Service <c>kubernetes</c>, on the simulated node network. The server really listens on a
    /// loopback address, which endpoints must not contain.
    /// </summary>
    public string ApiServerAddress { get; init; } = "192.168.240.2";

    /// <inheritdoc cref="ApiServerAddress"/>
    public int ApiServerPort { get; init; } = 6443;

    /// <summary>
    /// The time from a pod's binding to running containers; zero reports them running in the first status.
    /// </summary>
    public TimeSpan StartupDelay { get; init; } = TimeSpan.Zero;

    /// <summary>The time from running to ready, for containers with a readiness probe.</summary>
    public TimeSpan ReadinessDelay { get; init; } = TimeSpan.Zero;

    /// <summary>The time from SIGTERM to the exit of a well-behaved container.</summary>
    public TimeSpan TerminationDelay { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// The run time of a container that is expected to finish (restartPolicy Never or OnFailure, init containers).
    /// </summary>
    public TimeSpan RunToCompletion { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The first back-off of a crashing container, doubled with each crash up to <see cref="CrashBackoffLimit"/>.
    /// </summary>
    public TimeSpan CrashBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc cref="CrashBackoff"/>
    public TimeSpan CrashBackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long events are kept.</summary>
    public TimeSpan EventLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The rate of events that the scheduler and each node may write, after a burst of twice as many. Further events
    /// are dropped, as in the kubelet, so that a thousand pods do not cause four thousand events.
    /// </summary>
    public int EventsPerSecond { get; init; } = 50;

    /// <summary>Runs the pods for real; null simulates them.</summary>
    public INodeRuntime? Runtime { get; init; }

    /// <summary>Issues a service account token bound to a pod, for pods that really run.</summary>
    public Func<StoredObject, StoredObject, string>? IssueToken { get; init; }
}
