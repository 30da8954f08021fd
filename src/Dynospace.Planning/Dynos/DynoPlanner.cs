// Dynos: plans the one pod that runs a Dyno's release, its replacement, and the Dyno's status.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Planning.Releases;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>Plans the pod of a dyno.</summary>
public static class DynoPlanner
{
    /// <summary>The plan for the observed state. A plan with a problem neither starts nor stops a pod.</summary>
    public static DynoPlan Plan(ObservedDyno observed, PlatformOptions options)
    {
        var dyno = observed.Dyno;
        if (dyno.Metadata.DeletionTimestamp is not null)
        {
            return DynoPods.PlanEnd(observed);
        }

        if (observed.App is not { } app)
        {
            return Refuse(observed, options, new(
                Reasons.AppNotFound,
                $"spec.app {dyno.Spec.App}: namespace {dyno.Metadata.NamespaceProperty} has no such App: create it, or "
                + "delete this Dyno."));
        }

        if (dyno.Spec.ProcessType != ProcessTypes.Run && !Owners.IsControlledBy(dyno, app))
        {
            if (observed.IsOrphaned)
            {
                return Refuse(observed, options, new(
                    Reasons.Progressing,
                    $"App {app.Metadata.Name} takes over this Dyno of a deleted App of the same name."));
            }

            return Refuse(observed, options, new(
                Reasons.NotOneOff,
                $"spec.processType {dyno.Spec.ProcessType} belongs to the App's formation: set its quantity in App "
                + $"{app.Metadata.Name}, or use processType {ProcessTypes.Run} for a one-off."));
        }

        return observed.Space is { } space
            ? PlanPods(observed, app, space, options)
            : Refuse(
                observed, options, MissingSpace.Explain("Dyno", dyno.Metadata.NamespaceProperty, observed.SpaceExists));
    }

    private static DynoPlan PlanPods(ObservedDyno observed, App app, SpaceFacts space, PlatformOptions options)
    {
        var isOneOff = OneOff.Is(observed.Dyno);
        if (isOneOff && OneOff.HasBegun(observed))
        {
            var remaining = OneOff.UntilRemoved(observed);
            var pod = OneOff.PodOf(observed.Pods);
            var ran = observed.Dyno.Status?.Release ?? observed.Dyno.Spec.Release ?? pod?.Release;
            return new()
            {
                Children = remaining == TimeSpan.Zero ? Remove(observed.Dyno) : ChildPlan.Empty,
                CurrentPod = pod,
                Release = ran,
                RecheckAfter = remaining > TimeSpan.Zero ? remaining : null,
                Relabelled = pod is not null && ran is { } known
                    ? PodRelabelling.Find(observed.Dyno, [pod], known, RoutingValues.None)
                    : [],
            };
        }

        if (isOneOff
            && options.Dynos.Sizes.Refusal(observed.Dyno.Spec.Size, space.Runtime, space.Name) is { } refusal)
        {
            return Refuse(observed, options, new(Reasons.SizeUnsupported, $"spec.size is {refusal}."));
        }

        if (RunRecorder.Refusal(observed.Dyno, space, options) is { } unrecorded)
        {
            return Refuse(observed, options, unrecorded);
        }

        var number = observed.Dyno.Spec.Release ?? app.Status?.Release;
        if (number is null || observed.Releases.FirstOrDefault(release => release.Number == number) is not { } release)
        {
            var what = number is null
                ? $"App {app.Metadata.Name} has no release that is out yet."
                : $"App {app.Metadata.Name} has no release {number}.";
            return Refuse(observed, options, new(Reasons.ReleaseNotFound, what));
        }

        return DynoPods.Plan(observed, new PodTemplate(observed.Dyno, app, space, release)
        {
            Number = OneOff.NumberOf(observed),
        }, options);
    }

    /// <summary>Deletes the Dyno; garbage collection deletes its pod.</summary>
    private static ChildPlan Remove(Dyno dyno) => new()
    {
        Deletions =
        [
            new(ChildIdentity.For<Dyno>(dyno.Metadata.NamespaceProperty, dyno.Metadata.Name, dyno.Metadata.Uid)),
        ],
    };

    private static DynoPlan Refuse(ObservedDyno observed, PlatformOptions options, Problem problem) =>
        new()
        {
            Problem = problem,
            CurrentPod = DynoPods.Best(observed.Pods),
            RecheckAfter = options.Cluster.RecheckInterval,
        };
}

/// <summary>The input of a dyno's plan.</summary>
public sealed record ObservedDyno
{
    /// <summary>The Dyno as stored.</summary>
    public required Dyno Dyno { get; init; }

    /// <summary>The App that it names; null if that does not exist.</summary>
    public App? App { get; init; }

    /// <summary>
    /// Whether the operator made it for an App that no longer exists, for example after a restore from a backup.
    /// </summary>
    public bool IsOrphaned { get; init; }

    /// <summary>The space of its namespace; null if the namespace belongs to none.</summary>
    public SpaceFacts? Space { get; init; }

    /// <summary>
    /// Whether a Space of the namespace's name exists. If <see cref="Space"/> is null, that Space has not taken the
    /// namespace yet.
    /// </summary>
    public bool SpaceExists { get; init; }

    /// <summary>The releases of the app.</summary>
    public IReadOnlyList<ReleaseRecord> Releases { get; init; } = [];

    /// <summary>The pods that the Dyno owns.</summary>
    public IReadOnlyList<PodFacts> Pods { get; init; } = [];

    /// <summary>Names of the cordoned nodes among those of the pods.</summary>
    public IReadOnlySet<string> CordonedNodes { get; init; } = new HashSet<string>();

    /// <summary>By name of a pod's node, the range from which that node gives pods their subnets.</summary>
    public IReadOnlyDictionary<string, string> NodeBlocks { get; init; } = new Dictionary<string, string>();

    /// <summary>Numbers of the app's other runs; empty if the dyno needs no number.</summary>
    public IReadOnlySet<int> TakenNumbers { get; init; } = new HashSet<int>();

    /// <summary>The time of the observation; null if no decision depends on it.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>
    /// Names of other owners' pods, which the plan avoids. Usually empty, since names collide only by chance.
    /// </summary>
    public IReadOnlyCollection<string> TakenPodNames { get; init; } = [];
}

/// <summary>The plan for a dyno.</summary>
public sealed record DynoPlan
{
    /// <summary>The pod to create and those to delete. An existing pod is never applied again.</summary>
    public ChildPlan Children { get; init; } = ChildPlan.Empty;

    /// <summary>The pod to create; null for none.</summary>
    public V1Pod? Pod => Children.All<V1Pod>().FirstOrDefault();

    /// <summary>
    /// The plan to use if a quota refuses the new pod: the old pod is deleted first to make room for the new one.
    /// </summary>
    public ChildPlan InPlace =>
        new()
        {
            Deletions = [.. Children.Deletions.Select(deletion => deletion with { Timing = DeletionTiming.First })],
        };

    /// <summary>Pods whose labels another client changed.</summary>
    public IReadOnlyList<PodRelabelling> Relabelled { get; init; } = [];

    /// <summary>The pod that runs the dyno and stays; null if there is none.</summary>
    public PodFacts? CurrentPod { get; init; }

    /// <summary>Why no pod is created; null if there is no obstacle.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The release that the dyno must run.</summary>
    public long? Release { get; init; }

    /// <summary>When to reconcile again without a change; null for never.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>A pod whose labels are restored.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID, as a precondition.</param>
/// <param name="Labels">All labels that the operator sets; other labels of <see cref="PodLabels"/> are removed.</param>
public sealed record PodRelabelling(string Name, string Uid, IReadOnlyDictionary<string, string> Labels)
{
    internal static IReadOnlyList<PodRelabelling> Find(
        Dyno dyno, IEnumerable<PodFacts> pods, long release, string routing)
    {
        var labels = ChildLabels.OfPod(dyno, release, routing);
        labels[Api.Labels.OwnerUid] = dyno.Metadata.Uid;
        var desired = labels.AsReadOnly();
        var digest = PodLabels.Digest(desired);
        return
        [
            .. pods.Where(pod => pod.LabelDigest != digest && !pod.IsTerminating)
                .Select(pod => new PodRelabelling(pod.Name, pod.Uid, desired)),
        ];
    }
}
