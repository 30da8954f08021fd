using Dynospace.Api;
using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Keeps exactly one pod of the current template. As on the platform, the new pod is created while the old one stops.
/// The plan does not wait for a terminating pod, since on a lost node its deletion may never end. Two kinds of pods run
/// until their successor is ready: the only dyno of its type on a cordoned node, and a pod that is replaced because of
/// its age.
/// </summary>
internal static class DynoPods
{
    public static DynoPlan Plan(ObservedDyno observed, PodTemplate template, PlatformOptions options)
    {
        var hash = template.Hash(options);
        var alive = observed.Pods.Where(IsAlive).ToList();
        var fitting = alive
            .Where(pod => pod.TemplateHash == hash || template.IsFromBeforeDns(pod.TemplateHash, options))
            .ToList();
        var keep = Best(fitting, IsLeaving);
        if (keep is null && (template.Space.Blocker ?? ForeignAddress(template)) is { } blocker)
        {
            return new()
            {
                Problem = blocker,
                CurrentPod = Best(alive),
                Release = template.Release.Number,
                RecheckAfter = options.Cluster.RecheckInterval,
            };
        }

        var isMoving = keep is not null
            && (IsOld(keep) || (IsOnCordonedNode(observed, keep) && template.IsAlone));
        var successor = isMoving ? Best(fitting.Where(pod => !IsLeaving(pod))) : null;
        var isMissing = keep is null || (isMoving && successor is null && template.Space.Blocker is null);
        return new()
        {
            Children = new()
            {
                Objects = isMissing ? [Create(observed, template, hash, keep, options)] : [],
                // Only after the new pod exists: if that is refused, the old one stays.
                Deletions =
                [
                    .. observed.Pods.Where(pod => pod != keep && pod != successor && !pod.IsTerminating).Select(Delete),
                ],
            },
            Relabelled = PodRelabelling.Find(
                observed.Dyno,
                new[] { keep, successor }.OfType<PodFacts>(),
                template.Release.Number,
                template.Routing),
            CurrentPod = keep,
            Release = template.Release.Number,
            RecheckAfter = keep is null || observed.Now is not { } time
                ? null
                : DynoCycle.UntilDue(keep, options.Dynos.CycleAfter, time),
        };

        bool IsLeaving(PodFacts pod) => IsOnCordonedNode(observed, pod) || IsOld(pod);

        // With a successor, the slot is ignored. Otherwise the successor would be deleted at the end of the slot.
        bool IsOld(PodFacts pod) =>
            observed.Now is { } now
            && (fitting.Count > 1
                ? DynoCycle.IsOver(pod, options.Dynos.CycleAfter, now)
                : DynoCycle.UntilDue(pod, options.Dynos.CycleAfter, now) == TimeSpan.Zero);
    }

    /// <summary>Node agents would drop all packets of the dyno, so the status states the reason instead.</summary>
    private static Problem? ForeignAddress(PodTemplate template) =>
        template.Space.FixedIPs is { } fixedIPs
        && template.OutboundIPs.FirstOrDefault(address => !fixedIPs.Holds(address)) is { } address
            ? new(
                Reasons.AddressRefused,
                $"spec.outboundIPs {address} is not one of the outbound IPs of Space {template.Space.Name}: remove it, "
                + "and the dyno gets one that is.")
            : null;

    private static bool IsOnCordonedNode(ObservedDyno observed, PodFacts pod) =>
        pod.Node is { } node && observed.CordonedNodes.Contains(node);

    /// <summary>
    /// A Dyno that is being deleted stops even if another controller's finalizer delays its deletion.
    /// </summary>
    public static DynoPlan PlanEnd(ObservedDyno observed) => new()
    {
        Children = new()
        {
            Deletions = [.. observed.Pods.Where(pod => !pod.IsTerminating && !pod.HasEnded).Select(Delete)],
        },
    };

    /// <summary>
    /// The pod to keep among several: prefers a ready pod, then one that is not about to leave, then the first by name.
    /// </summary>
    public static PodFacts? Best(IEnumerable<PodFacts> pods, Func<PodFacts, bool>? isLeaving = null)
    {
        PodFacts? best = null;
        foreach (var pod in pods)
        {
            if (IsAlive(pod) && (best is null || Compare(pod, best, isLeaving) < 0))
            {
                best = pod;
            }
        }

        return best;
    }

    private static int Compare(PodFacts pod, PodFacts other, Func<PodFacts, bool>? isLeaving) =>
        (pod.IsReady != other.IsReady, isLeaving?.Invoke(pod), isLeaving?.Invoke(other)) switch
        {
            (true, _, _) => pod.IsReady ? -1 : 1,
            (_, true, false) => 1,
            (_, false, true) => -1,
            _ => string.CompareOrdinal(pod.Name, other.Name),
        };

    /// <summary>A pod that has ended, for example by eviction, or whose node is lost does not run again.</summary>
    private static bool IsAlive(PodFacts pod) => !pod.IsTerminating && !pod.HasEnded && pod.Phase != PodPhase.Unknown;

    private static PlannedObject Create(
        ObservedDyno observed, PodTemplate template, string hash, PodFacts? replaced, PlatformOptions options)
    {
        var gone = observed.Pods.Where(pod => !IsAlive(pod) || pod == replaced);
        var name = PodName.Choose(template, hash, gone, observed.TakenPodNames);
        return new(PodBuilder.Build(template, name, hash, options)) { Guard = ChildGuard.CreateOnly };
    }

    /// <summary>A pod on a lost node gets no grace period, since no kubelet can confirm its end.</summary>
    private static PlannedDeletion Delete(PodFacts pod) =>
        new(ChildIdentity.For<V1Pod>(pod.Namespace, pod.Name, pod.Uid))
        {
            GraceSeconds = pod.Phase == PodPhase.Unknown ? 0 : null,
        };
}
