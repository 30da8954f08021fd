using Dynospace.Api.Spaces;
using Dynospace.Planning.Children;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;

namespace Dynospace.Planning.Spaces;

/// <summary>All that a space's plan depends on.</summary>
public sealed record ObservedSpace
{
    /// <summary>The Space as stored.</summary>
    public required Space Space { get; init; }

    /// <summary>The time of the observation.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>The namespace of the space's name; null when there is none.</summary>
    public NamespaceFacts? Namespace { get; init; }

    /// <summary>What is known of the cluster.</summary>
    public ClusterFacts Cluster { get; init; } = ClusterFacts.Unknown;

    /// <summary>All NetworkPolicies of the namespace, regardless of who made them.</summary>
    public IReadOnlyList<PolicyFacts> Policies { get; init; } = [];

    /// <summary>The number of Apps in the namespace, including those that are being deleted.</summary>
    public int Apps { get; init; }

    /// <summary>The dynos of the namespace.</summary>
    public DynoCounts Dynos { get; init; } = DynoCounts.None;

    /// <summary>
    /// The number of dynos' pods that still exist: they run until their grace period is over, and policies must outlive
    /// them.
    /// </summary>
    public int DynoPods { get; init; }

    /// <summary>While the Space is being deleted: its Apps and then its Dynos.</summary>
    public IReadOnlyList<ObservedChild> Contents { get; init; } = [];

    /// <summary>
    /// Pods that were made for a dyno or a trial and belong to none, as after a restore from a backup.
    /// </summary>
    public IReadOnlyList<ObservedChild> StrayPods { get; init; } = [];

    /// <summary>Objects whose deletion a finalizer holds up, as people read them.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>
    /// By name of data service: how many pods its selector matches. A service that is missing here was not counted.
    /// </summary>
    public IReadOnlyDictionary<string, int> DataServicePods { get; init; } = new Dictionary<string, int>();

    /// <summary>The canaries that were made for this very Space, in whatever state.</summary>
    public IReadOnlyList<PodFacts> Canaries { get; init; } = [];

    /// <summary>A secret of this process, from which the canaries' names follow; null where no trial is held.</summary>
    public string? TrialSeed { get; init; }

    /// <summary>What routers need to know of the apps of the namespace.</summary>
    public IReadOnlyList<RoutedApp> RoutedApps { get; init; } = [];

    /// <summary>The routers that serve the space, including the shared one.</summary>
    public IReadOnlyList<RouterState> Routers { get; init; } = [];

    /// <summary>The space's own DNS.</summary>
    public SpaceDnsState Dns { get; init; } = SpaceDnsState.None;

    /// <summary>The kinds of the cluster's own gateway that are served; null when nobody looked.</summary>
    public IReadOnlyCollection<ProviderKind>? ServedKinds { get; init; }

    /// <summary>The space's way out.</summary>
    public SpaceEgress Egress { get; init; } = SpaceEgress.None;

    /// <summary>The system components that belong to this Space, part by part.</summary>
    public IReadOnlyList<ObservedChild> RouterParts { get; init; } = [];

    /// <summary>
    /// While the Space is being deleted: the number of pods of its routers and its DNS that still exist. Policies must
    /// outlive them.
    /// </summary>
    public int RouterPods { get; init; }
}

/// <summary>The dynos of a space.</summary>
/// <param name="Total">Dyno objects of any kind, including those that are being deleted.</param>
/// <param name="Desired">Dynos that must be up: all except one-offs that ended.</param>
/// <param name="Up">Dynos that are up.</param>
public sealed record DynoCounts(int Total, int Desired, int Up)
{
    /// <summary>None at all.</summary>
    public static DynoCounts None { get; } = new(0, 0, 0);

    /// <summary>Those that have a subnet of their own.</summary>
    public int WithSubnet { get; init; }

    /// <summary>Those that have an address and no subnet of their own.</summary>
    public int WithoutSubnet { get; init; }
}
