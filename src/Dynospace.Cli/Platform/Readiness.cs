using Dynospace.Api;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Cli.Platform;

/// <summary>Pure: what is not ready, and why.</summary>
public static class Readiness
{
    /// <summary>Nothing counts as ready before all is applied and listed.</summary>
    public static IReadOnlyList<string> Problems(
        IReadOnlyList<SpaceNode> tree,
        bool isApplied,
        bool hasSynced,
        IReadOnlyList<(RowKind Kind, ObjectKey Key)> expected,
        IReadOnlyList<string> waiting) => (isApplied && hasSynced) switch
        {
            true => NotReady(tree, expected),
            false =>
                [.. waiting.DefaultIfEmpty("objects are being applied"), .. NotReady(tree, isApplied ? expected : [])],
        };

    /// <param name="tree">The observed objects.</param>
    /// <param name="expected">What was applied, which the watches may not have seen yet.</param>
    public static IReadOnlyList<string> NotReady(
        IReadOnlyList<SpaceNode> tree, IEnumerable<(RowKind Kind, ObjectKey Key)> expected)
    {
        var rows = PlatformTree.Rows(tree).ToList();
        var seen = rows.Select(row => (row.Kind, row.Key)).ToHashSet();
        return
        [
            .. expected.Where(entry => !seen.Contains(entry))
                .Select(entry => $"{entry.Kind} {entry.Key}: not there yet"),
            .. rows.Where(row => row.Health != Health.Good).Select(row => $"{row}: {row.Why}"),
        ];
    }
}

/// <summary>The health of an object by its conditions.</summary>
internal readonly record struct Summary(Health Health, string Why)
{
    /// <param name="metadata">The object's metadata.</param>
    /// <param name="conditions">Its conditions.</param>
    /// <param name="main">The condition that sums up the others.</param>
    public static Summary FromConditions(V1ObjectMeta metadata, IEnumerable<V1Condition>? conditions, string main)
    {
        var all = conditions?.ToList() ?? [];
        var condition = all.Find(found => found.Type == main);
        if (metadata.DeletionTimestamp is not null)
        {
            return new Summary(
                Health.Working,
                condition is null ? Reasons.Deleting : $"{Reasons.Deleting}: {condition.Message}".TrimEnd(' ', ':'));
        }

        // An old condition says nothing about a spec that changed since.
        if (condition is null || (condition.ObservedGeneration ?? metadata.Generation) < metadata.Generation)
        {
            return new Summary(Health.Working, "not looked at yet");
        }

        if (condition.Status == "True")
        {
            return new Summary(Health.Good, condition.Reason);
        }

        var isStalled = all.Exists(found => found.Type == ConditionTypes.Stalled && found.Status == "True");
        return new Summary(
            isStalled ? Health.Bad : Health.Working,
            string.IsNullOrEmpty(condition.Message) ? condition.Reason : $"{condition.Reason}: {condition.Message}");
    }
}
