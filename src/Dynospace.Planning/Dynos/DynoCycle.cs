using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// When a working dyno is replaced because of its age. As on the platform, a random delay of up to 15 % follows the
/// interval: each pod has its own slot in every window of that length. A pod that missed its slot, because the operator
/// was down or the option is new, waits for the next one, so that the dynos of an app are not replaced together.
/// </summary>
internal static class DynoCycle
{
    /// <summary>216 minutes for an interval of a day.</summary>
    private const double WindowShare = 0.15;

    /// <summary>The number of slots in a window. A pod is replaced only in its own.</summary>
    private const int SlotsPerWindow = 60;

    private const int Parts = 100_000;

    /// <summary>The time until a pod is replaced; zero for now, null for never.</summary>
    public static TimeSpan? UntilDue(PodFacts pod, TimeSpan? interval, DateTimeOffset now)
    {
        if (interval is not { } age || pod.CreatedAt is not { } created)
        {
            return null;
        }

        var window = (long)(age.Ticks * WindowShare);
        var earliest = Math.Max((created + age).UtcTicks, now.UtcTicks);
        var phase = window / Parts * new StableHash().Add(pod.Uid).ToNumber(Parts);
        var past = (((earliest - phase) % window) + window) % window;
        var due = past < window / SlotsPerWindow ? earliest : earliest + window - past;
        return TimeSpan.FromTicks(due - now.UtcTicks);
    }

    /// <summary>Whether the interval is over, regardless of the slot.</summary>
    public static bool IsOver(PodFacts pod, TimeSpan? interval, DateTimeOffset now) =>
        pod.CreatedAt + interval <= now;
}
