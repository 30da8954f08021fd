using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Keeps exactly one pod of the right template. As on the platform, the new pod is made at the same time as the old one is told to
/// stop; and a pod that is being deleted holds nothing up, since on a lost node it may take for ever.
/// </summary>
internal static class DynoPods
{
    public static DynoPlan Plan(ObservedDyno observed, PodTemplate template, PlatformOptions options)
    {
        var hash = template.Hash(options);
        var alive = observed.Pods.Where(IsAlive).ToList();
        var keep = Best(alive.Where(pod => pod.TemplateHash == hash));
        if (keep is null && template.Space.Blocker is { } blocker)
        {
            return new() { Problem = blocker, CurrentPod = Best(alive), Release = template.Release.Number, RecheckAfter = options.Cluster.RecheckInterval };
        }

        var gone = observed.Pods.Where(pod => !IsAlive(pod));
        return new()
        {
            Pod = keep is null ? PodBuilder.Build(template, PodName.Of(template, hash, gone, observed.TakenPodNames), hash, options) : null,
            PodsToDelete = [.. observed.Pods.Where(pod => pod != keep && !pod.IsTerminating).Select(Delete)],
            CurrentPod = keep,
            Release = template.Release.Number,
        };
    }

    /// <summary>A Dyno whose deletion somebody's finalizer holds up runs no longer for that.</summary>
    public static DynoPlan PlanEnd(ObservedDyno observed) =>
        new() { PodsToDelete = [.. observed.Pods.Where(pod => !pod.IsTerminating && !pod.HasEnded).Select(Delete)] };

    /// <summary>The pod to keep where there are several: one that is ready, then the one whose name comes first.</summary>
    public static PodFacts? Best(IEnumerable<PodFacts> pods)
    {
        PodFacts? best = null;
        foreach (var pod in pods)
        {
            if (IsAlive(pod) && (best is null || IsBetter(pod, best)))
            {
                best = pod;
            }
        }

        return best;
    }

    private static bool IsBetter(PodFacts pod, PodFacts than) =>
        pod.IsReady == than.IsReady ? string.CompareOrdinal(pod.Name, than.Name) < 0 : pod.IsReady;

    /// <summary>A pod that was evicted or otherwise ended, or whose node was lost, does not come back.</summary>
    private static bool IsAlive(PodFacts pod) => !pod.IsTerminating && !pod.HasEnded && pod.Phase != PodPhase.Unknown;

    /// <summary>Nobody on a lost node answers to a grace.</summary>
    private static PodDeletion Delete(PodFacts pod) => new(pod.Name, pod.Uid, pod.Phase == PodPhase.Unknown ? 0 : null);
}
