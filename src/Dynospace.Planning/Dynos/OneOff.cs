using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// A one-off runs once, whatever becomes of its pod; the pod that ended is its result. Every other dyno runs until it
/// is stopped, and a pod that is lost is replaced.
/// </summary>
public static class OneOff
{
    /// <summary>Whether a Dyno runs once.</summary>
    public static bool Is(Dyno dyno) => dyno.Spec.ProcessType is ProcessTypes.Run or ProcessTypes.Release;

    /// <summary>
    /// A pod, or a status that once named one: a one-off whose pod was lost is not run again, since it may have done
    /// half its work.
    /// </summary>
    internal static bool HasBegun(ObservedDyno observed) =>
        observed.Pods.Count > 0 || observed.Dyno.Status?.Pod is not null || HasEnded(observed.Dyno);

    internal static bool HasEnded(Dyno dyno) => dyno.Status?.State is DynoState.Complete or DynoState.Failed;

    internal static PodFacts? PodOf(IReadOnlyList<PodFacts> pods) =>
        pods.MinBy(pod => pod.Name, StringComparer.Ordinal);
}
