// Options: the platform team's decisions for the cluster, one record for each subject with its validation.

namespace Dynospace.Planning.Options;

// What the platform team decides for the whole cluster. Each subject is one file: its record, its defaults and its
// validation.

/// <summary>The platform team's decisions for the whole cluster. Every value has a default that works.</summary>
public sealed record PlatformOptions
{
    /// <summary>The cluster and the operator's place in it.</summary>
    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>The regions and the nodes that belong to them.</summary>
    public RegionOptions Regions { get; init; } = new();

    /// <summary>The cluster's DNS, which dynos may ask.</summary>
    public DnsOptions Dns { get; init; } = new();

    /// <summary>How dynos run.</summary>
    public DynoOptions Dynos { get; init; } = new();

    /// <summary>How releases are made and kept.</summary>
    public ReleaseOptions Releases { get; init; } = new();

    /// <summary>Routers, the platform's own and the cluster's.</summary>
    public RouterOptions Router { get; init; } = new();

    /// <summary>The isolation trials.</summary>
    public IsolationOptions Isolation { get; init; } = new();

    /// <summary>How dynos leave the cluster.</summary>
    public EgressOptions Egress { get; init; } = new();

    /// <summary>
    /// One sentence for each mistake: option, value and remedy. Empty when all is well. The operator refuses to start
    /// with a mistake instead of failing at each plan.
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
