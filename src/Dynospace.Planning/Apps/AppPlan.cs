using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Releases;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Apps;

/// <summary>The changes that an app needs, and the facts for its status.</summary>
public sealed record AppPlan
{
    /// <summary>The release to store, then the Services and Dynos; only Dynos that are missing or differ.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>
    /// The Secrets to create before the release, usually one or none. Their values are read when the plan is carried
    /// out.
    /// </summary>
    public IReadOnlyList<ReleaseSecret> Secrets { get; init; } = [];

    /// <summary>
    /// Names of planned Dynos that could not be applied and are unchanged; empty before the plan is carried out.
    /// </summary>
    public IReadOnlySet<string> Unapplied { get; init; } = new HashSet<string>();

    /// <summary>
    /// The name of a stored release that the caches lack but that must exist, unless a person deleted it; null for
    /// none. Look for it before anything is applied: caches are updated independently, and the plan could repeat a
    /// release whose dynos were observed before it.
    /// </summary>
    public string? UnseenRelease { get; init; }

    /// <summary>Names of Dynos that are applied because another client changed their labels.</summary>
    public IReadOnlyList<string> Restored { get; init; } = [];

    /// <summary>The source of the number of web dynos, and the change of <c>spec.replicas</c>.</summary>
    public WebScale? Scale { get; init; }

    /// <summary>Why nothing is applied; null for a plan that can be applied.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Problems that do not stop the rest.</summary>
    public IReadOnlyList<Problem> Warnings { get; init; } = [];

    /// <summary>
    /// Why drains of nodes are not limited by a budget, which does not make the app unready; null if they are.
    /// </summary>
    public Problem? BudgetProblem { get; init; }

    /// <summary>The number of the release that the spec asks for; null without one.</summary>
    public long? WantedRelease { get; init; }

    /// <summary>The number of the current release, which new dynos run.</summary>
    public long? CurrentRelease { get; init; }

    /// <summary>Why the desired release is not current; null if it is.</summary>
    public Problem? ReleaseProblem { get; init; }

    /// <summary>A note about the current release for the status; null for none.</summary>
    public string? ReleaseNote { get; init; }

    /// <summary>The hosts that the router serves for the app.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>
    /// The routes of the cluster's own gateway, and the certificates to order. Applied even if the plan has a problem,
    /// because a change of the space's trusted ranges must not wait.
    /// </summary>
    public RoutePlan Routing { get; init; } = RoutePlan.None;

    /// <summary>Why part of what the spec asks for is not routed; null if everything is.</summary>
    public Problem? RouteProblem { get; init; }

    /// <summary>When to reconcile again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }

    /// <summary>The release to store; null for none.</summary>
    public V1ControllerRevision? Release => Children.All<V1ControllerRevision>().FirstOrDefault();

    /// <summary>The Services to apply, changed or not.</summary>
    public IReadOnlyList<V1Service> Services => [.. Children.All<V1Service>()];

    /// <summary>The Dynos to apply.</summary>
    public IReadOnlyList<Dyno> Dynos => [.. Children.All<Dyno>()];

    internal Problem? FirstWarning => Warnings is [var first, ..] ? first : null;
}

/// <summary>Everything that an app's plan depends on.</summary>
public sealed record ObservedApp
{
    /// <summary>The App as stored.</summary>
    public required App App { get; init; }

    /// <summary>The space of the app's namespace; null if the namespace belongs to none.</summary>
    public SpaceFacts? Space { get; init; }

    /// <summary>
    /// Whether a Space has the namespace's name; if <see cref="Space"/> is null, it has not taken the namespace yet.
    /// </summary>
    public bool SpaceExists { get; init; }

    /// <summary>All Dynos of the namespace that name this app, regardless of who made them.</summary>
    public IReadOnlyList<Dyno> Dynos { get; init; } = [];

    /// <summary>The releases that the App owns.</summary>
    public IReadOnlyList<ReleaseRecord> Releases { get; init; } = [];

    /// <summary>Stored releases of an earlier App of this name, for example after a restore from a backup.</summary>
    public IReadOnlyList<ReleaseRecord> OrphanedReleases { get; init; } = [];

    /// <summary>The uids of Dynos that the operator made for an earlier App of this name.</summary>
    public IReadOnlySet<string> OrphanedDynos { get; init; } = new HashSet<string>();

    /// <summary>Secrets that keep the values of releases of an earlier App of this name.</summary>
    public IReadOnlyList<ChildIdentity> OrphanedSecrets { get; init; } = [];

    internal bool IsOurs(Dyno dyno) => Owners.IsControlledBy(dyno, App) || OrphanedDynos.Contains(dyno.Metadata.Uid);

    /// <summary>The Secrets that keep the values of releases; they are the App's.</summary>
    public IReadOnlyList<ChildIdentity> ReleaseSecrets { get; init; } = [];

    /// <summary>The hash of the release that each of <see cref="ReleaseSecrets"/> was made for, if stated.</summary>
    public IReadOnlyDictionary<string, string> ReleaseSecretHashes { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of Secrets that do not belong to the App and begin like those of its releases.</summary>
    public IReadOnlyList<string> OtherSecrets { get; init; } = [];

    /// <summary>When the current spec was first observed; null if no decision depends on it.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>The number of ready endpoints of the web Service; null if the cluster has no endpoint slices.</summary>
    public int? ReadyEndpoints { get; init; }

    /// <summary>The PodDisruptionBudgets of the namespace.</summary>
    public IReadOnlyList<BudgetFacts> Budgets { get; init; } = [];

    /// <summary>The time of the observation; null if no decision depends on it.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>The existing Secrets among those that <c>configFrom</c> names.</summary>
    public IReadOnlyList<SecretDigest> Secrets { get; init; } = [];

    /// <summary>The facts that its routes depend on.</summary>
    public RouteFacts Routes { get; init; } = RouteFacts.Unknown;

    /// <summary>
    /// The Services that the App owns and those that have a name which it needs (<see cref="AppNames"/>).
    /// </summary>
    public IReadOnlyList<ServiceFacts> Services { get; init; } = [];
}

/// <summary>Deletions of an app's children.</summary>
internal static class AppDeletions
{
    /// <summary>Last, and only if nothing failed: a refused object must not cost a running dyno.</summary>
    public static PlannedDeletion For<T>(App app, string name, string? uid)
        where T : IKubernetesObject<V1ObjectMeta> =>
        new(ChildIdentity.For<T>(app.Metadata.NamespaceProperty, name, uid)) { Timing = DeletionTiming.UnlessFailed };
}
