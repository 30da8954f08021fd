using System.Globalization;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Workloads;

/// <summary>
/// The next step of a rolling update: the replicas of the new and old sets, given their current state.
/// </summary>
internal static class RolloutPlan
{
    /// <summary>The current state of a ReplicaSet.</summary>
    /// <param name="Wanted">The replicas in its spec.</param>
    /// <param name="Existing">The number of its pods.</param>
    /// <param name="Available">The number of its available pods.</param>
    internal sealed record Set(string Uid, int Wanted, int Existing, int Available);

    /// <summary>The replica counts that change, by uid.</summary>
    public static IReadOnlyDictionary<string, int> Next(
        Set current, IReadOnlyList<Set> old, int replicas, int maxSurge, int maxUnavailable)
    {
        var changes = new Dictionary<string, int>(StringComparer.Ordinal);
        var total = current.Wanted + old.Sum(set => set.Wanted);
        var scaled = current.Wanted > replicas
            ? replicas
            : Math.Min(replicas, current.Wanted + Math.Max(0, replicas + maxSurge - total));
        if (scaled != current.Wanted)
        {
            changes[current.Uid] = scaled;
            return changes;
        }

        ShrinkOld(changes, current, old, replicas - maxUnavailable);
        return changes;
    }

    /// <summary>
    /// Resolves percentages and numbers; if both are zero the rollout could not proceed, so maxUnavailable becomes 1.
    /// </summary>
    public static (int MaxSurge, int MaxUnavailable) Limits(JsonObject? rollingUpdate, int replicas)
    {
        var surge = Resolve(rollingUpdate?["maxSurge"], replicas, roundUp: true);
        var unavailable = Resolve(rollingUpdate?["maxUnavailable"], replicas, roundUp: false);
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, Math.Min(unavailable, replicas));
    }

    public static int Resolve(JsonNode? value, int replicas, bool roundUp)
    {
        if (value.Text() is not { } text)
        {
            return (int)(value.Number() ?? 0);
        }

        var percent =
            double.TryParse(text.TrimEnd('%'), NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : 0;
        return (int)(roundUp ? Math.Ceiling(percent * replicas / 100) : Math.Floor(percent * replicas / 100));
    }

    private static void ShrinkOld(
        Dictionary<string, int> changes, Set current, IReadOnlyList<Set> old, int minAvailable)
    {
        var newUnavailable = current.Wanted - current.Available;
        var spare = current.Wanted + old.Sum(set => set.Wanted) - minAvailable - newUnavailable;
        if (spare <= 0)
        {
            return;
        }

        var wanted = old.ToDictionary(set => set.Uid, set => set.Wanted);

        // Unavailable pods are removed first, because that costs no availability.
        foreach (var set in old)
        {
            var broken = Math.Min(spare, Math.Max(0, set.Wanted - set.Available));
            wanted[set.Uid] -= broken;
            spare -= broken;
        }

        var serving = current.Available + old.Sum(set => set.Available) - minAvailable;
        foreach (var set in old)
        {
            var surplus = Math.Min(Math.Max(0, serving), wanted[set.Uid]);
            wanted[set.Uid] -= surplus;
            serving -= surplus;
        }

        foreach (var set in old.Where(set => wanted[set.Uid] != set.Wanted))
        {
            changes[set.Uid] = wanted[set.Uid];
        }
    }
}
