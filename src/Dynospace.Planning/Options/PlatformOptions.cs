// Options: the platform team's decisions for the cluster, one record for each subject with its validation.

namespace Dynospace.Planning.Options;

/// <summary>The platform team's decisions for the whole cluster. Every value has a default that works.</summary>
public sealed record PlatformOptions
{
    /// <summary>The cluster and the operator's namespace in it.</summary>
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>The regions and the nodes that belong to them.</summary>
    public RegionOptions Regions { get; init; } = new();

    /// <summary>The cluster's DNS, which dynos may query.</summary>
    public DnsOptions Dns { get; init; } = new();

    /// <summary>How dynos run.</summary>
    public DynoOptions Dynos { get; init; } = new();

    /// <summary>How releases are made and kept.</summary>
    public ReleaseOptions Releases { get; init; } = new();

    /// <summary>The built-in routers and the cluster's own gateways.</summary>
    public RouterOptions Router { get; init; } = new();

    /// <summary>The isolation trials.</summary>
    public IsolationOptions Isolation { get; init; } = new();

    /// <summary>The egress traffic of dynos.</summary>
    public EgressOptions Egress { get; init; } = new();

    /// <summary>
    /// One sentence for each mistake (option, value and remedy); empty if there is none. With a mistake the operator
    /// refuses to start, instead of failing at each plan.
    /// </summary>
    public IReadOnlyList<string> Validate() =>
    [
        .. Cluster.Validate(),
        .. Regions.Validate(),
        .. Dns.Validate(),
        .. Dynos.Validate(),
        .. Releases.Validate(),
        .. Router.Validate(),
        .. Isolation.Validate(),
        .. Egress.Validate(),
    ];
}
