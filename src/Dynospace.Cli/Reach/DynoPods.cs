using Dynospace.Api;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>Finds the pods of dynos.</summary>
internal static class DynoPods
{
    /// <summary>The dyno's name; null for a pod that no Dyno owns, whatever its labels claim.</summary>
    public static string? DynoOf(V1Pod pod) =>
        pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner is { Controller: true, Kind: "Dyno" }) is { } owner
        && owner.ApiVersion.StartsWith(DynospaceGroup.Name + "/", StringComparison.Ordinal)
            ? owner.Name
            : null;

    /// <summary>The dynos of a space that have a pod: one each, the newest that has not ended where there are several.</summary>
    public static IReadOnlyList<(string Dyno, V1Pod Pod)> Of(ReachWorld world, string space) =>
    [
        .. world.In<V1Pod>(space)
            .Select(pod => (Dyno: DynoOf(pod), Pod: pod))
            .Where(entry => entry.Dyno is not null)
            .GroupBy(entry => entry.Dyno!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Select(entry => entry.Pod).OrderBy(Rank).ThenByDescending(pod => pod.Metadata.CreationTimestamp).First())),
    ];

    private static int Rank(V1Pod pod) => pod switch
    {
        { Status.Phase: "Succeeded" or "Failed" } => 2,
        { Metadata.DeletionTimestamp: not null } => 1,
        _ => 0,
    };
}
