using System.Collections.Concurrent;
using Dynospace.Api;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using k8s.Models;

namespace Dynospace.Controllers.Reconciling;

/// <summary>
/// When to look again at an object for whose child another owner has taken the name. Most kinds are cached only if
/// ours, so the deletion of the other object causes no event. The pauses double, because names that stay taken cost
/// reads.
/// </summary>
public sealed class NameRechecks(TimeProvider clock)
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<ObjectKey, DateTimeOffset> _takenSince = new();

    /// <summary>
    /// The pause before the next look, which is as long as the name is known to be taken; null when none is.
    /// </summary>
    public TimeSpan? After(ObjectKey key, bool isTaken)
    {
        if (!isTaken)
        {
            _takenSince.TryRemove(key, out _);
            return null;
        }

        var now = clock.GetUtcNow();
        var known = now - _takenSince.GetOrAdd(key, now);
        return known < Shortest ? Shortest : known > Longest ? Longest : known;
    }

    /// <summary>The same, of what was applied and of what the status says.</summary>
    public TimeSpan? After(
        ObjectKey key, IEnumerable<V1Condition>? conditions, params ReadOnlySpan<ApplyReport> reports)
    {
        var isTaken = conditions?.Any(condition => condition.Reason == Reasons.NameTaken.Name) == true;
        foreach (var report in reports)
        {
            isTaken |= report.Foreign.Count > 0;
        }

        return After(key, isTaken);
    }
}
