using System.Collections.Immutable;

namespace Dynospace.NodeAgent.Policies;

/// <summary>The changes from one ruleset to another.</summary>
public sealed class RulesetDiff
{
    public List<(string Name, RuleSetContent Content)> AddedSets { get; } = [];

    public List<string> RemovedSets { get; } = [];

    /// <summary>New chains and chains with changed rules.</summary>
    public List<(string Name, ImmutableArray<Rule> Rules, bool IsNew)> Chains { get; } = [];

    public List<string> RemovedChains { get; } = [];

    /// <summary>Changed elements of existing sets.</summary>
    public List<SetChange> Changes { get; } = [];

    /// <summary>
    /// Whether the table must be replaced as a whole: the base chain or the type of a set differs, which only another
    /// program can cause.
    /// </summary>
    public bool NeedsReplacement { get; private set; }

    public bool IsEmpty => !NeedsReplacement
        && AddedSets.Count + RemovedSets.Count + Chains.Count + RemovedChains.Count + Changes.Count == 0;

    /// <summary>
    /// Whether a flow that was admitted before may be denied now. Elements added to a set of peers only admit. Elements
    /// removed from one, elements that isolate an address, and changed chains may deny.
    /// </summary>
    public bool MayNarrow => NeedsReplacement
        || Chains.Exists(chain => !chain.IsNew)
        || Changes.Exists(change => change.Removed.Count > 0 || change.Added.Exists(item => item.Chain is not null));

    /// <param name="from">The current ruleset.</param>
    /// <param name="to">The desired ruleset.</param>
    /// <param name="touched">The only parts that may differ; null compares everything.</param>
    public static RulesetDiff Between(Ruleset from, Ruleset to, RulesetTouch? touched = null)
    {
        var diff = new RulesetDiff();
        if (touched is null && !from.BaseChain.SequenceEqual(to.BaseChain))
        {
            diff.NeedsReplacement = true;
        }

        foreach (var name in (IEnumerable<string>?)touched?.Sets.Keys ?? from.Sets.Keys.Union(to.Sets.Keys))
        {
            diff.CompareSets(name, from.Sets.GetValueOrDefault(name), to.Sets.GetValueOrDefault(name), touched);
        }

        foreach (var name in (IEnumerable<string>?)touched?.Chains ?? from.Chains.Keys.Union(to.Chains.Keys))
        {
            var isThere = from.Chains.TryGetValue(name, out var there);
            if (!to.Chains.TryGetValue(name, out var desired))
            {
                if (isThere)
                {
                    diff.RemovedChains.Add(name);
                }
            }
            else if (!isThere || !there.SequenceEqual(desired))
            {
                diff.Chains.Add((name, desired, !isThere));
            }
        }

        return diff;
    }

    /// <summary>Applies the changes to the ruleset that was compared.</summary>
    public void ApplyTo(Ruleset rules)
    {
        foreach (var (name, content) in AddedSets)
        {
            rules.Sets[name] = new RuleSetContent(content.Type)
            {
                Elements = new(content.Elements, StringComparer.Ordinal),
            };
        }

        foreach (var change in Changes)
        {
            var elements = rules.Sets[change.Set].Elements;
            foreach (var (element, _) in change.Removed)
            {
                elements.Remove(element);
            }

            foreach (var (element, chain) in change.Added)
            {
                elements[element] = chain;
            }
        }

        foreach (var (name, chain, _) in Chains)
        {
            rules.Chains[name] = chain;
        }

        RemovedChains.ForEach(name => rules.Chains.Remove(name));
        RemovedSets.ForEach(name => rules.Sets.Remove(name));
    }

    private void CompareSets(string name, RuleSetContent? from, RuleSetContent? to, RulesetTouch? touched)
    {
        if (to is null)
        {
            if (from is not null)
            {
                RemovedSets.Add(name);
            }

            return;
        }

        if (from is null)
        {
            AddedSets.Add((name, to));
            return;
        }

        if (from.Type != to.Type)
        {
            NeedsReplacement = true;
            return;
        }

        var change = new SetChange(name);
        foreach (var element in touched?.Sets[name] ?? from.Elements.Keys.Union(to.Elements.Keys))
        {
            var isThere = from.Elements.TryGetValue(element, out var there);
            var isDesired = to.Elements.TryGetValue(element, out var desired);
            if (isThere && (!isDesired || there != desired))
            {
                change.Removed.Add((element, there));
            }

            if (isDesired && (!isThere || there != desired))
            {
                change.Added.Add((element, desired));
            }
        }

        if (change.Removed.Count + change.Added.Count > 0)
        {
            Changes.Add(change);
        }
    }
}

/// <summary>Elements to remove from a set or add to it; in a map with their chains.</summary>
public sealed class SetChange(string set)
{
    public string Set => set;

    public List<(string Element, string? Chain)> Removed { get; } = [];

    public List<(string Element, string? Chain)> Added { get; } = [];
}
