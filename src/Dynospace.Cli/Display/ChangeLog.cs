using Dynospace.Cli.Platform;

namespace Dynospace.Cli.Display;

/// <summary>Says in lines what changed since it was last asked.</summary>
internal sealed class ChangeLog
{
    private Dictionary<string, string> _known = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Update(IReadOnlyList<SpaceNode> tree)
    {
        var now = PlatformTree.Rows(tree).ToDictionary(row => row.ToString(), Describe, StringComparer.Ordinal);
        List<string> changes =
        [
            .. now.Where(entry => _known.GetValueOrDefault(entry.Key) != entry.Value).Select(entry => $"{entry.Key}: {entry.Value}"),
            .. _known.Keys.Where(name => !now.ContainsKey(name)).Select(name => $"{name}: deleted"),
        ];
        _known = now;
        return changes;
    }

    private static string Describe(Row row)
    {
        var health = row.Health switch
        {
            Health.Good => "ready",
            Health.Working => "not ready",
            _ => "in trouble",
        };
        var facts = string.Join(", ", new[] { row.What, row.Up, row.Address, row.Release }.Where(fact => fact.Length > 0));
        return row.Health == Health.Good
            ? $"{health} ({facts})"
            : $"{health}{(facts.Length > 0 ? $" ({facts})" : "")}: {row.Why.ReplaceLineEndings(" ")}";
    }
}
