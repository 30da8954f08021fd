using Dynospace.Api.Dynos;

namespace Dynospace.Planning.Dynos;

/// <summary>A one-off runs once, whatever becomes of its pod.</summary>
internal static class OneOff
{
    /// <summary>A pod, or a status that once named one: a one-off whose pod was lost is not run again, since it may have done half its work.</summary>
    public static bool HasBegun(ObservedDyno observed) =>
        observed.Pods.Count > 0 || observed.Dyno.Status?.Pod is not null || HasEnded(observed.Dyno);

    public static bool HasEnded(Dyno dyno) => dyno.Status?.State is DynoState.Complete or DynoState.Failed;

    public static PodFacts? PodOf(IReadOnlyList<PodFacts> pods) => pods.MinBy(pod => pod.Name, StringComparer.Ordinal);
}
