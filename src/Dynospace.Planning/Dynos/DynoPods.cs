using Dynospace.Planning.Children;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using k8s.Models;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// Keeps exactly one pod of the right template. As on the platform, the new pod is created as the old one is stopped. A
/// pod that is being deleted holds nothing up: on a lost node its deletion may never end.
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
            return new()
            {
                Problem = blocker,
                CurrentPod = Best(alive),
                Release = template.Release.Number,
                RecheckAfter = options.Cluster.RecheckInterval,
            };
        }

        return new()
        {
            Children = new()
            {
                Objects = keep is null ? [Create(observed, template, hash, options)] : [],
                // Only once the new pod exists: one that is refused must not cost the old one.
                Deletions = [.. observed.Pods.Where(pod => pod != keep && !pod.IsTerminating).Select(Delete)],
            },
            CurrentPod = keep,
            Release = template.Release.Number,
        };
    }

    /// <summary>
    /// A Dyno that is being deleted stops, even if a finalizer of another owner holds up its deletion.
    /// </summary>
    public static DynoPlan PlanEnd(ObservedDyno observed) => new()
    {
        Children = new()
        {
            Deletions = [.. observed.Pods.Where(pod => !pod.IsTerminating && !pod.HasEnded).Select(Delete)],
        },
    };

    /// <summary>
    /// The pod to keep where there are several: one that is ready, then the one whose name comes first.
    /// </summary>
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

    private static PlannedObject Create(
        ObservedDyno observed, PodTemplate template, string hash, PlatformOptions options)
    {
        var gone = observed.Pods.Where(pod => !IsAlive(pod));
        var name = PodName.Of(template, hash, gone, observed.TakenPodNames);
        return new(PodBuilder.Build(template, name, hash, options)) { Guard = ChildGuard.CreateOnly };
    }

    /// <summary>On a lost node no kubelet is left that a grace period could wait for.</summary>
    private static PlannedDeletion Delete(PodFacts pod) =>
        new(ChildIdentity.Of<V1Pod>(pod.Namespace, pod.Name, pod.Uid))
        {
            GraceSeconds = pod.Phase == PodPhase.Unknown ? 0 : null,
        };
}
