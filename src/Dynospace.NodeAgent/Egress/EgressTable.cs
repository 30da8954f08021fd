using System.Collections.Immutable;
using System.Text;
using Dynospace.Linux.Filtering;

namespace Dynospace.NodeAgent.Egress;

/// <summary>A set or map whose elements change often.</summary>
/// <param name="Definition">The type and flags, in nftables' syntax.</param>
/// <param name="Elements">The elements with their values in a map; null values in a set.</param>
internal sealed record ElementSet(string Definition, IReadOnlyDictionary<string, string?> Elements)
{
    public bool IsMap => Definition.Contains(" : ", StringComparison.Ordinal);
}

/// <summary>The changes to a set.</summary>
/// <param name="Definition">The type and flags.</param>
/// <param name="Deleted">The removed keys. A map does not accept a second value for a key, so the old one is removed
/// first.</param>
/// <param name="Added">The added elements.</param>
internal sealed record ElementSetChange(
    string Set, string Definition, IReadOnlyList<string> Deleted, IReadOnlyList<KeyValuePair<string, string?>> Added)
{
    /// <summary>The family of the table.</summary>
    public NftablesFamily Family { get; init; } = NftablesFamily.Inet;
}

/// <summary>
/// A table of the egress gateway: sets, which change by element, and the rest, which is replaced as a whole.
/// </summary>
/// <param name="Sets">The sets by name.</param>
/// <param name="Chains">Chains and counters, in nftables' syntax.</param>
internal sealed record EgressTable(ImmutableSortedDictionary<string, ElementSet> Sets, string Chains)
{
    /// <summary>The name without the family.</summary>
    public const string Name = "dynospace_egress";

    /// <summary>The table with the rules.</summary>
    public const string Table = "inet " + Name;

    /// <summary>Removes that table if it exists.</summary>
    public const string Removal = $"table {Table}\ndelete table {Table}\n";

    /// <summary>The table of the fast path.</summary>
    public const string FastPath = "netdev " + Name;

    /// <summary>Removes that table if it exists.</summary>
    public const string FastPathRemoval = $"table {FastPath}\ndelete table {FastPath}\n";

    /// <summary>The family of this table.</summary>
    public NftablesFamily Family { get; init; } = NftablesFamily.Inet;

    /// <summary>The complete table after the removal of an existing one, in one transaction.</summary>
    public string Replacement => (Family == NftablesFamily.Inet ? Removal : FastPathRemoval) + Definition;

    /// <summary>The complete table.</summary>
    public string Definition
    {
        get
        {
            var text = new StringBuilder("table ").Append(Named(Family)).Append(" {\n");
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

    /// <summary>What this table consists of.</summary>
    public TableObjects Objects
    {
        get
        {
            var lines = Chains.Split(
                '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var chains = lines.Index().Where(line => line.Item.StartsWith("chain ", StringComparison.Ordinal))
                .ToLookup(
                    line => lines[line.Index + 1].StartsWith("type ", StringComparison.Ordinal),
                    line => line.Item.Split(' ')[1]);
            return new TableObjects(
                Named(Family), [.. chains[true]], [.. chains[false]],
                [.. Sets.Select(set => (set.Value.IsMap ? "map" : "set", set.Key))]);
        }
    }

    /// <summary>The changes from another table; null if more than elements of sets differ.</summary>
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
                changes.Add(new ElementSetChange(name, set.Definition, deleted, added) { Family = Family });
            }
        }

        return changes;
    }

    /// <summary>Element changes in nftables' syntax, as one transaction.</summary>
    public static string Text(IReadOnlyList<ElementSetChange> changes)
    {
        var text = new StringBuilder();
        foreach (var change in changes.Where(change => change.Deleted.Count > 0))
        {
            text.Append("delete element ").Append(Named(change.Family)).Append(' ').Append(change.Set).Append(" { ")
                .AppendJoin(", ", change.Deleted).Append(" }\n");
        }

        foreach (var change in changes.Where(change => change.Added.Count > 0))
        {
            text.Append("add element ").Append(Named(change.Family)).Append(' ').Append(change.Set).Append(" { ");
            AppendElements(text, change.Added);
            text.Append(" }\n");
        }

        return text.ToString();
    }

    /// <summary>
    /// The same changes encoded for the kernel, without reading the table; null if elements are ranges or names.
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

            encoded.Add(new ElementChange(change.Set, format, change.Deleted, change.Added)
            {
                Family = change.Family,
            });
        }

        return encoded;
    }

    private static string Named(NftablesFamily family) => family == NftablesFamily.Inet ? Table : FastPath;

    private static bool IsIn(IReadOnlyDictionary<string, string?> elements, KeyValuePair<string, string?> item) =>
        elements.TryGetValue(item.Key, out var value) && value == item.Value;

    private static void AppendElements(StringBuilder text, IEnumerable<KeyValuePair<string, string?>> elements) =>
        text.AppendJoin(", ", elements.OrderBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => item.Value is null ? item.Key : $"{item.Key} : {item.Value}"));
}
