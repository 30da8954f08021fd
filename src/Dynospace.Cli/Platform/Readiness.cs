using Dynospace.Runtime;

namespace Dynospace.Cli.Platform;

/// <summary>Pure: what is not ready, and why.</summary>
internal static class Readiness
{
    /// <param name="tree">What there is.</param>
    /// <param name="expected">What was applied, which the watches may not have seen yet.</param>
    public static IReadOnlyList<string> NotReady(IReadOnlyList<SpaceNode> tree, IEnumerable<(RowKind Kind, ObjectKey Key)> expected)
    {
        var rows = PlatformTree.Rows(tree).ToList();
        var seen = rows.Select(row => (row.Kind, row.Key)).ToHashSet();
        return
        [
            .. expected.Where(entry => !seen.Contains(entry)).Select(entry => $"{entry.Kind} {entry.Key}: not there yet"),
            .. rows.Where(row => row.Health != Health.Good).Select(row => $"{row}: {row.Why}"),
        ];
    }
}
