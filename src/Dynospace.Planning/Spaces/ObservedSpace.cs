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

/// <summary>The input of a space's plan.</summary>
public sealed record ObservedSpace
{
    /// <summary>The Space as stored.</summary>
    public required Space Space { get; init; }

    /// <summary>The time of the observation.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>The namespace of the space's name; null if it does not exist.</summary>
    public NamespaceFacts? Namespace { get; init; }

    /// <summary>The observed cluster.</summary>
    public ClusterFacts Cluster { get; init; } = ClusterFacts.Unknown;

    /// <summary>All NetworkPolicies of the namespace, regardless of who made them.</summary>
    public IReadOnlyList<PolicyFacts> Policies { get; init; } = [];

    /// <summary>The number of Apps in the namespace, including those that are being deleted.</summary>
    public int Apps { get; init; }

    /// <summary>The dynos of the namespace.</summary>
    public DynoCounts Dynos { get; init; } = DynoCounts.None;

    /// <summary>
    /// The number of dynos' pods that still exist. They run until the end of their grace period, and policies must
    /// outlive them.
    /// </summary>
    public int DynoPods { get; init; }

    /// <summary>While the Space is being deleted: its Apps and then its Dynos.</summary>
    public IReadOnlyList<ObservedChild> Contents { get; init; } = [];

    /// <summary>
    /// Pods that were made for a dyno or trial that no longer exists, for example after a restore from a backup.
    /// </summary>
    public IReadOnlyList<ObservedChild> StrayPods { get; init; } = [];

    /// <summary>Display names of objects whose deletion waits for a finalizer.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>
    /// By name of data service, the number of pods that its selector matches. A service without an entry was not
    /// counted.
    /// </summary>
    public IReadOnlyDictionary<string, int> DataServicePods { get; init; } = new Dictionary<string, int>();

    /// <summary>The canaries of this Space, by uid, in any state.</summary>
    public IReadOnlyList<PodFacts> Canaries { get; init; } = [];

    /// <summary>
    /// A secret of this process from which the canaries' names are derived; null if no trial is held.
    /// </summary>
    public string? TrialSeed { get; init; }

    /// <summary>The facts of the namespace's apps that routers need.</summary>
    public IReadOnlyList<RoutedApp> RoutedApps { get; init; } = [];

    /// <summary>The routers that serve the space, including the shared one.</summary>
    public IReadOnlyList<RouterState> Routers { get; init; } = [];

    /// <summary>The space's own DNS.</summary>
    public SpaceDnsState Dns { get; init; } = SpaceDnsState.None;

    /// <summary>The kinds of the cluster's own gateway that are served; null if not observed.</summary>
    public IReadOnlyCollection<ProviderKind>? ServedKinds { get; init; }

    /// <summary>The space's egress.</summary>
    public SpaceEgress Egress { get; init; } = SpaceEgress.None;

    /// <summary>The parts of the system components of this Space.</summary>
    public IReadOnlyList<ObservedChild> RouterParts { get; init; } = [];

    /// <summary>
    /// While the Space is being deleted: the number of pods of its routers and its DNS that still exist. Policies must
    /// outlive them.
    /// </summary>
    public int RouterPods { get; init; }
}

/// <summary>The dynos of a space.</summary>
/// <param name="Total">Dyno objects of any kind, including those that are being deleted.</param>
/// <param name="Desired">Dynos that must be up: all except one-offs that have ended.</param>
/// <param name="Up">Dynos that are up.</param>
public sealed record DynoCounts(int Total, int Desired, int Up)
{
    /// <summary>No dynos.</summary>
    public static DynoCounts None { get; } = new(0, 0, 0);

    /// <summary>The number of dynos with their own subnet.</summary>
    public int WithSubnet { get; init; }

    /// <summary>The number of dynos with an address but without their own subnet.</summary>
    public int WithoutSubnet { get; init; }
}
