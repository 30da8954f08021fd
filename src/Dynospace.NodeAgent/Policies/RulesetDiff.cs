using System.Collections.Immutable;

namespace Dynospace.NodeAgent.Policies;

/// <summary>What turns one ruleset into another.</summary>
public sealed class RulesetDiff
{
    public List<(string Name, RuleSetContent Content)> AddedSets { get; } = [];

    public List<string> RemovedSets { get; } = [];

    /// <summary>Chains that come or get other rules.</summary>
    public List<(string Name, ImmutableArray<Rule> Rules, bool IsNew)> Chains { get; } = [];

    public List<string> RemovedChains { get; } = [];

    /// <summary>Elements of sets that stay.</summary>
    public List<SetChange> Changes { get; } = [];

    /// <summary>
    /// Whether what is there must be replaced as a whole: rules of the base chain or the type of a set differ, which
    /// nobody but another program can have done.
    /// </summary>
    public bool NeedsReplacement { get; private set; }

    public bool IsEmpty => !NeedsReplacement
        && AddedSets.Count + RemovedSets.Count + Chains.Count + RemovedChains.Count + Changes.Count == 0;

    /// <summary>
    /// Whether a flow that passed before may be denied now. Elements that come to a set of peers only admit; what goes
    /// from one, what isolates an address, and a chain with other rules may deny.
    /// </summary>
    public bool MayNarrow => NeedsReplacement
        || Chains.Exists(chain => !chain.IsNew)
        || Changes.Exists(change => change.Removed.Count > 0 || change.Added.Exists(item => item.Chain is not null));

    /// <param name="from">What is there.</param>
    /// <param name="to">What is desired.</param>
    /// <param name="touched">What alone can differ; null to compare everything.</param>
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

    /// <summary>Makes the ruleset that was compared the desired one.</summary>
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

/// <summary>Elements that go from a set or come to it; of a map with their chains.</summary>
public sealed class SetChange(string set)
{
    public string Set => set;

    public List<(string Element, string? Chain)> Removed { get; } = [];

    public List<(string Element, string? Chain)> Added { get; } = [];
}
