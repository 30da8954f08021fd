using System.Text;

namespace Dynospace.NodeAgent.Policies;

/// <summary>Writes rulesets and differences in nftables' syntax. Each text is one transaction.</summary>
public static class RulesetText
{
    /// <summary>Removes the table if it exists.</summary>
    public const string Removal = $"table {Ruleset.Table}\ndelete table {Ruleset.Table}\n";

    /// <summary>Replaces the table, regardless of its content.</summary>
    public static string Replacement(Ruleset rules)
    {
        var text = new StringBuilder(Removal).Append("table ").Append(Ruleset.Table).Append(" {\n");
        foreach (var counter in TableNames.Counters)
        {
            text.Append(" counter ").Append(counter).Append(" { }\n");
        }

        foreach (var (name, set) in rules.Sets.OrderBy(set => set.Key, StringComparer.Ordinal))
        {
            text.Append(' ').Append(set.Type.IsMap ? "map " : "set ").Append(name).Append(' ');
            AppendDefinition(text, set);
        }

        foreach (var (name, chain) in rules.Chains.OrderBy(chain => chain.Key, StringComparer.Ordinal))
        {
            text.Append(" chain ").Append(name).Append(" {\n");
            foreach (var rule in chain)
            {
                text.Append("  ").Append(rule.Text).Append('\n');
            }

            text.Append(" }\n");
        }

        text.Append(" chain ").Append(TableNames.BaseChain)
            .Append(" {\n  type filter hook forward priority filter; policy accept;\n");
        foreach (var rule in rules.BaseChain)
        {
            text.Append("  ").Append(rule.Text).Append('\n');
        }

        return text.Append(" }\n}\n").ToString();
    }

    /// <summary>
    /// Additions precede references to them, and removals follow the removal of references. Removed elements come
    /// first, because a map does not accept a second verdict for a key.
    /// </summary>
    public static string FromDiff(RulesetDiff diff)
    {
        var text = new StringBuilder();
        foreach (var (name, set) in diff.AddedSets)
        {
            text.Append("add ").Append(set.Type.IsMap ? "map " : "set ").Append(Ruleset.Table).Append(' ').Append(name)
                .Append(' ');
            AppendDefinition(text, set);
        }

        foreach (var (name, rules, isNew) in diff.Chains)
        {
            text.Append(isNew ? "add" : "flush").Append(" chain ").Append(Ruleset.Table).Append(' ').Append(name)
                .Append('\n');
            foreach (var rule in rules)
            {
                text.Append("add rule ").Append(Ruleset.Table).Append(' ').Append(name).Append(' ').Append(rule.Text)
                    .Append('\n');
            }
        }

        foreach (var change in diff.Changes)
        {
            AppendElements(text, "delete", change.Set, change.Removed);
            AppendElements(text, "add", change.Set, change.Added);
        }

        foreach (var chain in diff.RemovedChains)
        {
            text.Append("flush chain ").Append(Ruleset.Table).Append(' ').Append(chain).Append('\n');
            text.Append("delete chain ").Append(Ruleset.Table).Append(' ').Append(chain).Append('\n');
        }

        foreach (var set in diff.RemovedSets)
        {
            text.Append("delete set ").Append(Ruleset.Table).Append(' ').Append(set).Append('\n');
        }

        return text.ToString();
    }

    private static void AppendElements(
        StringBuilder text, string verb, string set, List<(string Element, string? Chain)> elements)
    {
        if (elements.Count > 0)
        {
            text.Append(verb).Append(" element ").Append(Ruleset.Table).Append(' ').Append(set).Append(" { ");
            AppendList(text, elements);
            text.Append(" }\n");
        }
    }

    private static void AppendDefinition(StringBuilder text, RuleSetContent set)
    {
        text.Append("{ type ").Append(set.Type.Key).Append(set.Type.IsMap ? " : verdict; " : "; ")
            .Append(set.Type.HasIntervals ? "flags interval; " : "");
        if (set.Elements.Count > 0)
        {
            text.Append("elements = { ");
            AppendList(text, set.Elements.Select(item => (item.Key, item.Value)));
            text.Append(" }; ");
        }

        text.Append("}\n");
    }

    private static void AppendList(StringBuilder text, IEnumerable<(string Element, string? Chain)> elements)
    {
        var isFirst = true;
        foreach (var (element, chain) in elements)
        {
            text.Append(isFirst ? "" : ", ").Append(element);
            if (chain is not null)
            {
                text.Append(" : jump ").Append(chain);
            }

            isFirst = false;
        }
    }
}
