using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Releases;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>What an app needs now.</summary>
public sealed record AppPlan
{
    /// <summary>The release to store before anything else; null for none.</summary>
    public V1ControllerRevision? Release { get; init; }

    /// <summary>
    /// The name of a stored release that must be there, though it was not seen, unless somebody deleted it: whoever carries out the plan
    /// makes sure first. Caches do not keep step, and the plan would repeat a release whose dynos were seen before it. Null for none.
    /// </summary>
    public string? UnseenRelease { get; init; }

    /// <summary>The Services to apply; all of them, changed or not.</summary>
    public IReadOnlyList<V1Service> Services { get; init; } = [];

    /// <summary>The Dynos to apply, in this order; only those that are missing or differ.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    /// <summary>The Dynos to delete, in this order.</summary>
    public IReadOnlyList<ChildReference> DynosToDelete { get; init; } = [];

    /// <summary>The Services to delete.</summary>
    public IReadOnlyList<ChildReference> ServicesToDelete { get; init; } = [];

    /// <summary>The stored releases to delete.</summary>
    public IReadOnlyList<ChildReference> ReleasesToDelete { get; init; } = [];

    /// <summary>Why nothing is applied; null for a plan that can be applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>What is wrong without stopping the rest.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    /// <summary>The number of the release that the spec asks for; null without one.</summary>
    public long? WantedRelease { get; init; }

    /// <summary>The number of the release that is out: what new dynos run.</summary>
    public long? CurrentRelease { get; init; }

    /// <summary>Why the wanted release is not out; null when it is.</summary>
    public Problem? ReleaseProblem { get; init; }

    /// <summary>The hosts that the router answers for the app; none where none serves it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The routes of the cluster's own gateway, and the certificates to order. Applied also where the plan has a problem: whom a space trusts does not wait for it.</summary>
    public RoutePlan Routing { get; init; } = RoutePlan.None;

    /// <summary>Why not all is routed that the spec asks for; null when it is.</summary>
    public Problem? RouteProblem { get; init; }

    /// <summary>When to look again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    internal Problem? FirstWarning => Warnings is [var first, ..] ? first : null;
}

/// <summary>All that an app's plan depends on.</summary>
public sealed record ObservedApp
{
    /// <summary>The App as stored.</summary>
    public required App App { get; init; }

    /// <summary>The space of the app's namespace; null when the namespace belongs to none.</summary>
    public SpaceFacts? Space { get; init; }

    /// <summary>Whether there is a Space of the namespace's name; without <see cref="Space"/>, it has not taken the namespace yet.</summary>
    public bool SpaceExists { get; init; }

    /// <summary>All Dynos of the namespace that name this app, whoever made them.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    /// <summary>The releases that the App owns.</summary>
    public IReadOnlyList<ReleaseRecord> Releases { get; init; } = [];

    /// <summary>The Secrets that exist of those that <c>configFrom</c> names.</summary>
    public IReadOnlyList<SecretDigest> Secrets { get; init; } = [];

    /// <summary>What decides about its routes.</summary>
    public RouteFacts Routes { get; init; } = RouteFacts.Unknown;

    /// <summary>The Services that the App owns and those that have a name which it needs (<see cref="AppNames"/>).</summary>
    public IReadOnlyList<ServiceFacts> Services { get; init; } = [];
}
