using System.Collections.Immutable;
using System.Text;
using Dynospace.Linux.Filtering;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A set or map whose elements change often.</summary>
/// <param name="Definition">Its type and flags, in nftables' language.</param>
/// <param name="Elements">Elements, and what a map has for them; null in a set.</param>
internal sealed record ElementSet(string Definition, IReadOnlyDictionary<string, string?> Elements)
{
    public bool IsMap => Definition.Contains(" : ", StringComparison.Ordinal);
}

/// <summary>What changes in a set.</summary>
/// <param name="Definition">Its type and flags.</param>
/// <param name="Deleted">The keys that go. A map takes no second value for a key, so the former goes first.</param>
/// <param name="Added">What comes.</param>
internal sealed record ElementSetChange(
    string Set, string Definition, IReadOnlyList<string> Deleted, IReadOnlyList<KeyValuePair<string, string?>> Added);

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
                if (set.Elements.Count > 0)
                {
                    text.Append(" elements = { ");
                    AppendElements(text, set.Elements);
                    text.Append(" };");
                }

                text.Append(" }\n");
            }

            return text.Append(Chains).Append("}\n").ToString();
        }
    }

    /// <summary>What makes this table of another; null if more differs than elements of sets.</summary>
    public IReadOnlyList<ElementSetChange>? ChangesFrom(EgressTable before)
    {
        if (!string.Equals(before.Chains, Chains, StringComparison.Ordinal) || before.Sets.Count != Sets.Count)
        {
            return null;
        }

        var changes = new List<ElementSetChange>();
        foreach (var ((name, set), (oldName, old)) in Sets.Zip(before.Sets))
        {
            if (name != oldName || set.Definition != old.Definition)
            {
                return null;
            }

            if (ReferenceEquals(old.Elements, set.Elements))
            {
                continue;
            }

            var deleted = old.Elements.Where(item => !IsIn(set.Elements, item)).Select(item => item.Key).ToList();
            var added = set.Elements.Where(item => !IsIn(old.Elements, item)).ToList();
            if (deleted.Count + added.Count > 0)
            {
                changes.Add(new ElementSetChange(name, set.Definition, deleted, added));
            }
        }

        return changes;
    }

    /// <summary>Changes of elements in nftables' language, as one transaction.</summary>
    public static string Text(IReadOnlyList<ElementSetChange> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes.Where(change => change.Deleted.Count > 0))
        {
            text.Append("delete element ").Append(Table).Append(' ').Append(change.Set).Append(" { ")
                .AppendJoin(", ", change.Deleted).Append(" }\n");
        }

        foreach (var change in changes.Where(change => change.Added.Count > 0))
        {
            text.Append("add element ").Append(Table).Append(' ').Append(change.Set).Append(" { ");
            AppendElements(text, change.Added);
            text.Append(" }\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// The same for the kernel without a look at the table; null where elements are ranges or names.
    /// </summary>
    public static IReadOnlyList<ElementChange>? Encoded(IReadOnlyList<ElementSetChange> changes)
    {
        var encoded = new List<ElementChange>();
        foreach (var change in changes)
        {
            if (ElementFormat.Find(change.Definition) is not { } format)
            {
                return null;
            }

            encoded.Add(new ElementChange(change.Set, format, change.Deleted, change.Added));
        }

        return encoded;
    }

    private static bool IsIn(IReadOnlyDictionary<string, string?> elements, KeyValuePair<string, string?> item) =>
        elements.TryGetValue(item.Key, out var value) && value == item.Value;

    private static void AppendElements(StringBuilder text, IEnumerable<KeyValuePair<string, string?>> elements) =>
        text.AppendJoin(", ", elements.OrderBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => item.Value is null ? item.Key : $"{item.Key} : {item.Value}"));
}
