namespace Dynospace.EndToEnd.Tests.Clusters;

/// <summary>How a cluster differs from others, as far as tests must know.</summary>
internal sealed record ClusterTraits
{
    /// <summary>In reasons of skipped tests.</summary>
    public required string Name { get; init; }

    /// <summary>What dynos run.</summary>
    public required IWorkloads Workloads { get; init; }

    /// <summary>
    /// Whether namespaces and the children of deleted owners go away: kube-controller-manager does that.
    /// </summary>
    public bool CollectsGarbage { get; init; } = true;

    /// <summary>Whether HorizontalPodAutoscalers act: kube-controller-manager does that.</summary>
    public bool Autoscales { get; init; }

    /// <summary>
    /// Whether disruption budgets are counted, which evictions wait for: kube-controller-manager does that.
    /// </summary>
    public bool CountsDisruptions { get; init; } = true;

    /// <summary>Whether it is a dev cluster, whose nodes say so.</summary>
    public bool IsSimulated { get; init; }

    /// <summary>Whether a kubelet runs pods, rather than something that says so.</summary>
    public bool RunsPods { get; init; }

    /// <summary>
    /// Whether Deployments come to life and load balancers get addresses, so that a Space can have a router.
    /// </summary>
    public bool RunsRouters { get; init; }

    /// <summary>The image of routers whose pods really run; null where nobody names one.</summary>
    public string? RouterImage { get; init; }

    /// <summary>The region that nodes carry; null where they carry none.</summary>
    public string? Region { get; init; } = "oregon";

    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>
    /// How long something that must come is awaited. Long, since only a failing test waits for so long.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    public void RequireGarbageCollection() =>
        Assert.SkipUnless(CollectsGarbage, $"{Name} has no kube-controller-manager: nothing collects garbage.");
}
