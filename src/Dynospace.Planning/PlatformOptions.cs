using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Routing;

namespace Dynospace.Planning;

/// <summary>What the platform team decides for the whole cluster. Every value has a default that works.</summary>
public sealed record PlatformOptions
{
    /// <summary>The platform-wide <c>$PORT</c>, TCP. Default 5000.</summary>
    public int Port { get; init; } = SpaceDefaults.Port;

    /// <summary>The namespace of the operator and of all routers, where tenants may create nothing. Default <c>dynospace-system</c>.</summary>
    public string SystemNamespace { get; init; } = "dynospace-system";

    /// <summary>The node label that holds a node's region. Default <c>topology.kubernetes.io/region</c>.</summary>
    public string RegionLabel { get; init; } = "topology.kubernetes.io/region";

    /// <summary>The label's value for each region of the platform. A region that is missing here is its own value. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Regions { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether dynos are kept on nodes that carry their region's label. Default true; false for a cluster of one region whose nodes say none.</summary>
    public bool RequireRegion { get; init; } = true;

    /// <summary>Ranges that belong to the cluster beside those that the operator finds itself. Default: none.</summary>
    public IReadOnlyList<string> ClusterRanges { get; init; } = [];

    /// <summary>The namespace of the cluster's DNS pods. Default <c>kube-system</c>.</summary>
    public string DnsNamespace { get; init; } = "kube-system";

    /// <summary>The labels of the cluster's DNS pods. Default <c>k8s-app: kube-dns</c>.</summary>
    public IReadOnlyDictionary<string, string> DnsPodLabels { get; init; } = new Dictionary<string, string> { ["k8s-app"] = "kube-dns" };

    /// <summary>The ports on which DNS pods and their Service listen. Default 53; OpenShift's pods listen on 5353.</summary>
    public IReadOnlyList<int> DnsPorts { get; init; } = [53];

    /// <summary>The address of a node-local DNS cache; null where there is none. Default 169.254.20.10, where NodeLocal DNSCache listens.</summary>
    public string? NodeLocalDnsAddress { get; init; } = "169.254.20.10";

    /// <summary>The address behind a space's egress tunnel that tells a dyno its source address. Default 169.254.77.77.</summary>
    public string GateAddress { get; init; } = "169.254.77.77";

    /// <summary>Who translates source addresses where a Space names nobody. Default <see cref="EgressProvider.Builtin"/>.</summary>
    public EgressProvider DefaultEgressProvider { get; init; } = EgressProvider.Builtin;

    /// <summary>Every app is served as <c>app.space.base-domain</c>. Default <c>dynospace.localhost</c>, which leads a browser to its own machine.</summary>
    public string BaseDomain { get; init; } = "dynospace.localhost";

    /// <summary>Routers, the platform's own and the cluster's.</summary>
    public RouterOptions Router { get; init; } = new();

    /// <summary>Whether dynos wait until the network was seen to enforce the policies. Default false.</summary>
    public bool RequireEnforcement { get; init; }

    /// <summary>
    /// How often each space tries whether the network enforces its policies; null for never. Sooner after a change of policies, nodes or
    /// the network's agents. Default 15 minutes.
    /// </summary>
    public TimeSpan? EnforcementInterval { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>What the canaries of a trial run: any image with a <c>busybox</c> that has sh, httpd, timeout and wget.</summary>
    public string CanaryImage { get; init; } = "registry.k8s.io/e2e-test-images/busybox:1.36.1-1";

    /// <summary>When the node pulls images. Default <c>Always</c>: else a dyno could run a private image of another tenant that its node still holds.</summary>
    public string ImagePullPolicy { get; init; } = "Always";

    /// <summary>
    /// The user id that every process runs as, whatever its image says, so that images that name no user or root start too. Null leaves it
    /// to the image, which then must name a user by number. Default 1000.
    /// </summary>
    public long? RunAsUser { get; init; } = 1000;

    /// <summary>How long a web dyno may take to bind its port (the platform's R10). Default 60 seconds.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time between SIGTERM and SIGKILL (the platform's R12). Default 30 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a release phase may run. Default one hour.</summary>
    public TimeSpan ReleasePhaseTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many releases of an app are kept beside those in use. Default 10.</summary>
    public int ReleaseHistory { get; init; } = 10;

    /// <summary>After how long a plan with a permanent problem is looked at again, in case its cause went unseen. Default five minutes.</summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The node label's value for a region.</summary>
    public string RegionValue(string region) => Regions.TryGetValue(region, out var value) ? value : region;
}
