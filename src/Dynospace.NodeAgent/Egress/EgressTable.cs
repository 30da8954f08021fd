using System.Collections.Immutable;
using System.Text;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A set or map whose elements change often.</summary>
/// <param name="Definition">Its type and flags, in nftables' language.</param>
/// <param name="Elements">Elements, and what a map has for them; null in a set.</param>
internal sealed record ElementSet(string Definition, ImmutableSortedDictionary<string, string?> Elements)
{
    public bool IsMap => Definition.Contains(" : ", StringComparison.Ordinal);
}

/// <summary>
/// The table of the egress gateway: sets, which change one by one, and the rest, which changes whole.
/// </summary>
/// <param name="Sets">By name.</param>
/// <param name="Chains">Chains and counters, in nftables' language.</param>
internal sealed record EgressTable(ImmutableSortedDictionary<string, ElementSet> Sets, string Chains)
{
    /// <summary>The name without the family.</summary>
    public const string Name = "dynospace_egress";

    public const string Table = "inet " + Name;

    /// <summary>Removes the table, if there is one.</summary>
    public const string Removal = $"table {Table}\ndelete table {Table}\n";

    /// <summary>The whole table in the place of what stands, as one transaction.</summary>
    public string Replacement
    {
        get
        {
            var text = new StringBuilder(Removal).Append("table ").Append(Table).Append(" {\n");
            foreach (var (name, set) in Sets)
            {
                text.Append(set.IsMap ? " map " : " set ").Append(name).Append(" { ").Append(set.Definition);
                if (!set.Elements.IsEmpty)
                {
                    text.Append(" elements = { ");
                    AppendElements(text, set.Elements, withValues: true);
                    text.Append(" };");
                }

                text.Append(" }\n");
            }

            return text.Append(Chains).Append("}\n").ToString();
        }
    }

    /// <summary>What makes this table of another, as one transaction; empty if they are equal.</summary>
    public string ChangesFrom(EgressTable? before)
    {
        if (before is null
            || before.Chains != Chains
            || !before.Sets.Select(set => (set.Key, set.Value.Definition))
                .SequenceEqual(Sets.Select(set => (set.Key, set.Value.Definition))))
        {
            return Replacement;
        }

        var text = new StringBuilder();
        foreach (var (name, set) in Sets)
        {
            var old = before.Sets[name].Elements;
            if (ReferenceEquals(old, set.Elements))
            {
                continue;
            }

            // A map takes no second value for a key, so the former goes first.
            Append(text, "delete", name, old.Where(item => !IsIn(set.Elements, item)), withValues: false);
            Append(text, "add", name, set.Elements.Where(item => !IsIn(old, item)), withValues: true);
        }

        return text.ToString();
    }

    private static bool IsIn(
        ImmutableSortedDictionary<string, string?> elements, KeyValuePair<string, string?> item) =>
        elements.TryGetValue(item.Key, out var value) && value == item.Value;

    private static void Append(
        StringBuilder text, string verb, string set, IEnumerable<KeyValuePair<string, string?>> elements,
        bool withValues)
    {
        var all = elements.ToList();
        if (all.Count > 0)
        {
            text.Append(verb).Append(" element ").Append(Table).Append(' ').Append(set).Append(" { ");
            AppendElements(text, all, withValues);
            text.Append(" }\n");
        }
    }

    private static void AppendElements(
        StringBuilder text, IEnumerable<KeyValuePair<string, string?>> elements, bool withValues)
    {
        var isFirst = true;
        foreach (var (key, value) in elements)
        {
            text.Append(isFirst ? "" : ", ").Append(key);
            if (withValues && value is not null)
            {
                text.Append(" : ").Append(value);
            }

            isFirst = false;
        }
    }
}
