using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Routing.Providers;

namespace Dynospace.Planning.Spaces;

/// <summary>All that a space's plan depends on.</summary>
public sealed record ObservedSpace
{
    /// <summary>The Space as stored.</summary>
    public required Space Space { get; init; }

    /// <summary>The namespace of the space's name; null when there is none.</summary>
    public NamespaceFacts? Namespace { get; init; }

    /// <summary>What is known of the cluster.</summary>
    public ClusterFacts Cluster { get; init; } = ClusterFacts.Unknown;

    /// <summary>All NetworkPolicies of the namespace, whoever made them.</summary>
    public IReadOnlyList<PolicyFacts> Policies { get; init; } = [];

    /// <summary>The number of Apps in the namespace, also such that are being deleted.</summary>
    public int Apps { get; init; }

    /// <summary>The dynos of the namespace.</summary>
    public DynoCounts Dynos { get; init; } = DynoCounts.None;

    /// <summary>The number of dynos' pods that still exist: they run until their grace is over, and policies must outlive them.</summary>
    public int DynoPods { get; init; }

    /// <summary>Apps and Dynos whose deletion a finalizer holds up, as people read them.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>By name of data service: how many pods its selector matches. A service that is missing here was not counted.</summary>
    public IReadOnlyDictionary<string, int> DataServicePods { get; init; } = new Dictionary<string, int>();

    /// <summary>The canaries that were made for this very Space, in whatever state.</summary>
    public IReadOnlyList<PodFacts> Canaries { get; init; } = [];

    /// <summary>What routers need to know of the apps of the namespace.</summary>
    public IReadOnlyList<RoutedApp> RoutedApps { get; init; } = [];

    /// <summary>The routers that serve the space, the shared one included.</summary>
    public IReadOnlyList<RouterState> Routers { get; init; } = [];

    /// <summary>The kinds of the cluster's own gateway that are served; null when nobody looked.</summary>
    public IReadOnlyCollection<ProviderKind>? ServedKinds { get; init; }

    /// <summary>The number of objects and pods of the space's own routers that still exist: policies must outlive them.</summary>
    public int RouterParts { get; init; }

    /// <summary>The last trial of enforcement; null when there was none.</summary>
    public IsolationTrial? Trial { get; init; }

    /// <summary>What is known of enforcement; null when nobody tried.</summary>
    public EnforcementFacts? Enforcement { get; init; }
}
