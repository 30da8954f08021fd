using Dynospace.Planning.Pods;

namespace Dynospace.Planning.Dynos;

/// <summary>
/// When a dyno that works is replaced by a new one. As on the platform a random time follows the interval, up to 15 %
/// of it: each pod has a slot of its own in every window of that length. A pod that missed its slot, since the operator
/// was away or the option is new, waits for the next, so that no two dynos of an app go together because both are late.
/// </summary>
internal static class DynoCycle
{
    /// <summary>216 minutes of a day.</summary>
    private const double WindowShare = 0.15;

    /// <summary>The part of the window in which a pod may go.</summary>
    private const int SlotsPerWindow = 60;

    private const int Parts = 100_000;

    /// <summary>How long until a pod goes; zero for now, null for never.</summary>
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

    /// <summary>Whether the interval is over, whatever its slot.</summary>
    public static bool IsOver(PodFacts pod, TimeSpan? interval, DateTimeOffset now) =>
        pod.CreatedAt + interval <= now;
}
