using System.Collections.Immutable;
using System.Diagnostics;
using Dynospace.Linux.Filtering;
using Dynospace.NodeAgent.Policies;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Enforcement;

// Brings the kernel in line with the desired ruleset.

/// <summary>
/// Writes the table, first as a whole and then as differences to the last written state, each in one transaction. It
/// compares the table with a dump and reverts changes by other programs. Not thread-safe.
/// </summary>
internal sealed class Enforcer(KernelAccess kernel, PolicyIndex index, ILogger logger)
{
    /// <summary>The last written ruleset; null if unknown.</summary>
    private Ruleset? _applied;

    /// <summary>The wording of our rules in this version of nftables, where it differs.</summary>
    private readonly Dictionary<string, string> _wording = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether less is admitted since the last call of <see cref="Cut"/>. A cut visits all connections, so the caller
    /// decides when, and the rules do not wait for it.
    /// </summary>
    public bool OwesCut { get; private set; }

    /// <summary>Writes the changes.</summary>
    /// <exception cref="NftablesException">The changes and the complete table were refused.</exception>
    public void Apply()
    {
        var isForeign = kernel.Monitor.Take().AreForeign(afterOwn: false);
        var wrote = ApplyDifference();
        isForeign |= kernel.Monitor.Take().AreForeign(afterOwn: wrote);
        if (isForeign)
        {
            Verify();
        }
    }

    /// <summary>Compares the table if another program changed it.</summary>
    /// <exception cref="NftablesException">The table differs and cannot be restored.</exception>
    public void LookForForeignChanges()
    {
        if (kernel.Monitor.Take().AreForeign(afterOwn: false))
        {
            Verify();
        }
    }

    /// <summary>Compares the table with a kernel dump and restores differences.</summary>
    /// <returns>Whether there were differences.</returns>
    /// <exception cref="NftablesException">The table differs and cannot be restored.</exception>
    public bool Verify()
    {
        ApplyDifference();
        var dump = Dump();
        var diff = RulesetDiff.Between(Translated(dump), index.Rules);
        if (diff.IsEmpty)
        {
            return false;
        }

        logger.LogWarning(
            "The table {Table} was changed by another program and is restored: {Difference}",
            Ruleset.Table, Describe(diff));
        AgentMetrics.Restored.Add(1);
        Write(dump.BaseChain.IsEmpty || diff.NeedsReplacement ? null : diff);
        _applied = Copy(index.Rules);
        kernel.Monitor.Take();
        OwesCut = true;
        LearnWording(Dump());
        return true;
    }

    /// <summary>Ends the connections that the rules no longer admit; their next packet counts as new.</summary>
    public int Cut()
    {
        OwesCut = false;
        var node = kernel.Network.Addresses.List().Select(address => address.Address).ToHashSet();
        // The node's own connections do not pass the hook.
        var cut = kernel.Conntrack.DeleteWhere(target =>
            !node.Contains(target.Source)
            && !node.Contains(target.Destination)
            && !FlowJudge.Admits(
                index.Rules, new Flow(target.Source, target.Destination, target.Protocol, target.Port)));
        if (cut > 0)
        {
            logger.LogInformation("{Count} open connections were ended: the policies no longer admit them", cut);
            AgentMetrics.Cut.Add(cut);
        }

        return cut;
    }

    /// <summary>The packets that the table dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops() =>
        RulesetDump.Counters(kernel.Nftables.Run($"list table {Ruleset.Table}", json: true));

    private bool ApplyDifference()
    {
        if (_applied is null)
        {
            Write(null);
            _applied = Copy(index.Rules);
            index.Touched.Clear();
            LearnWording(Dump());
            OwesCut = true;
            return true;
        }

        var diff = RulesetDiff.Between(_applied, index.Rules, index.Touched);
        if (!diff.IsEmpty)
        {
            Write(diff.NeedsReplacement ? null : diff);
            diff.ApplyTo(_applied);
            OwesCut |= diff.MayNarrow;
        }

        index.Touched.Clear();
        return !diff.IsEmpty;
    }

    /// <summary>Writes one transaction; if a difference is refused, writes the complete table in another.</summary>
    private void Write(RulesetDiff? diff)
    {
        var started = Stopwatch.GetTimestamp();
        if (diff is not null)
        {
            try
            {
                kernel.Nftables.Run(RulesetText.FromDiff(diff));
                AgentMetrics.Updated("difference", Stopwatch.GetElapsedTime(started), index.Rules);
                return;
            }
            catch (NftablesException e)
            {
                logger.LogWarning("nftables refused a difference, so the whole table is written: {Error}", e.Message);
            }
        }

        _applied = null;
        kernel.Nftables.Run(RulesetText.Replacement(index.Rules));
        _applied = Copy(index.Rules);
        AgentMetrics.Updated("replacement", Stopwatch.GetElapsedTime(started), index.Rules);
    }

    private Ruleset Dump()
    {
        try
        {
            return RulesetDump.Parse(kernel.Nftables.Run($"list table {Ruleset.Table}", json: true));
        }
        catch (NftablesException e) when (e.IsMissing)
        {
            return RulesetDump.Parse(null);
        }
    }

    /// <summary>
    /// Versions of nftables word the same rule differently. A rule in the position of one that we have just written is
    /// ours.
    /// </summary>
    private void LearnWording(Ruleset dump)
    {
        foreach (var (there, written) in index.Rules.Chains
            .Select(chain => (dump.Chains.GetValueOrDefault(chain.Key, []), chain.Value))
            .Append((dump.BaseChain, index.Rules.BaseChain))
            .Where(pair => pair.Item1.Length == pair.Item2.Length))
        {
            for (var i = 0; i < written.Length; i++)
            {
                if (there[i].Text != written[i].Text)
                {
                    _wording[there[i].Text] = written[i].Text;
                }
            }
        }
    }

    private Ruleset Translated(Ruleset dump)
    {
        if (_wording.Count > 0)
        {
            foreach (var (name, chain) in dump.Chains.ToList())
            {
                dump.Chains[name] = Translated(chain);
            }

            dump.BaseChain = Translated(dump.BaseChain);
        }

        return dump;
    }

    private ImmutableArray<Rule> Translated(ImmutableArray<Rule> chain) =>
        [.. chain.Select(rule => _wording.TryGetValue(rule.Text, out var text) ? Rule.Other(text) : rule)];

    private static string Describe(RulesetDiff diff) => diff.NeedsReplacement
        ? "the table or its hook is missing or of another kind"
        : $"{diff.AddedSets.Count + diff.Chains.Count} sets and chains are missing or differ, "
            + $"{diff.RemovedSets.Count + diff.RemovedChains.Count} are not ours, "
            + $"{diff.Changes.Count} sets hold other elements";

    private static Ruleset Copy(Ruleset rules)
    {
        var copy = new Ruleset { BaseChain = rules.BaseChain };
        foreach (var (name, set) in rules.Sets)
        {
            copy.Sets[name] = new RuleSetContent(set.Type) { Elements = new(set.Elements, StringComparer.Ordinal) };
        }

        foreach (var (name, chain) in rules.Chains)
        {
            copy.Chains[name] = chain;
        }

        return copy;
    }
}
