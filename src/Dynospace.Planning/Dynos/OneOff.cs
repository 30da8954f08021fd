using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// A one-off runs once, even if its pod is lost; the ended pod is its result. Every other dyno runs until it is
/// stopped, and a lost pod is replaced.
/// </summary>
public static class OneOff
{
    /// <summary>Whether a Dyno runs once.</summary>
    public static bool Is(Dyno dyno) => dyno.Spec.ProcessType is ProcessTypes.Run or ProcessTypes.Release;

    /// <summary>
    /// How long a run with a generated name stays after its end, so that users can see its result. A run with a chosen
    /// name may come from Git, which would create and run it again if it were deleted.
    /// </summary>
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private const int FirstNumber = 1000;
    private const int Numbers = 9000;

    /// <summary>Whether the operator assigns its number.</summary>
    public static bool IsNumberedByOperator(Dyno dyno) =>
        dyno.Spec.ProcessType == ProcessTypes.Run && dyno.Spec.Index == 0;

    /// <summary>
    /// The number of a dyno: that of its spec, else that of its status or pod, else a free one derived from its uid.
    /// </summary>
    internal static int NumberOf(ObservedDyno observed)
    {
        var dyno = observed.Dyno;
        return dyno.Spec.Index > 0
            ? dyno.Spec.Index
            : dyno.Status?.Index
                ?? observed.Pods.Select(pod => RunPodName.NumberOf(pod.Name))
                    .FirstOrDefault(number => number is not null)
                ?? FreeNumber(dyno.Metadata.Uid, observed.TakenNumbers);
    }

    /// <summary>The time until a run that has ended is deleted; null for never, zero for now.</summary>
    internal static TimeSpan? UntilRemoved(ObservedDyno observed) =>
        IsNumberedByOperator(observed.Dyno)
        && HasEnded(observed.Dyno)
        && observed.Dyno.Status?.Since is { } ended
        && observed.Now is { } now
            ? new[] { ApiTime.Read(ended) + Retention - now, TimeSpan.Zero }.Max()
            : null;

    private static int FreeNumber(string uid, IReadOnlySet<int> taken)
    {
        var first = new StableHash().Add(uid).ToNumber(Numbers);
        return Enumerable.Range(0, Numbers)
            .Select(step => FirstNumber + ((first + step) % Numbers))
            .First(number => !taken.Contains(number) || taken.Count >= Numbers);
    }

    /// <summary>
    /// Whether it has, or had, a pod. A one-off whose pod was lost does not run again, since it may have done part of
    /// its work.
    /// </summary>
    internal static bool HasBegun(ObservedDyno observed) =>
        observed.Pods.Count > 0 || observed.Dyno.Status?.Pod is not null || HasEnded(observed.Dyno);

    /// <summary>Whether a Dyno has ended for good.</summary>
    public static bool HasEnded(Dyno dyno) => dyno.Status?.State is DynoState.Complete or DynoState.Failed;

    internal static PodFacts? PodOf(IReadOnlyList<PodFacts> pods) =>
        pods.MinBy(pod => pod.Name, StringComparer.Ordinal);
}
