using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.NodeAgent.Policies;

/// <summary>A chain and the sets to which its rules refer.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Groups">The sets whose elements depend on the cluster's pods.</param>
/// <param name="Constants">The sets whose elements are constant.</param>
internal sealed record ProfileChain(
    ImmutableArray<Rule> Rules,
    IReadOnlyList<AddressGroup> Groups,
    IReadOnlyDictionary<string, RuleSetContent> Constants);

/// <summary>
/// Builds the chain of a profile: the policies that select a pod in one direction. Pods with the same profile share it,
/// and a packet passes only the rules of its own pod's policies.
/// </summary>
internal sealed partial class ChainBuilder
{
    private readonly PolicyDirection _direction;
    private readonly List<Rule> _rules = [];
    private readonly Dictionary<string, AddressGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RuleSetContent> _constants = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private ChainBuilder(PolicyDirection direction) => _direction = direction;

    public static ProfileChain Build(PolicyDirection direction, IEnumerable<CompiledPolicy> policies)
    {
        var builder = new ChainBuilder(direction);
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules(direction) ?? [])
            {
                builder.Add(policy, rule);
            }
        }

        var counter = direction == PolicyDirection.Egress ? TableNames.RefusedEgress : TableNames.RefusedIngress;
        builder._rules.Add(new Rule($"counter name \"{counter}\" drop", [], RuleVerdict.Drop));
        return new([.. builder._rules], [.. builder._groups.Values], builder._constants);
    }

    private void Add(CompiledPolicy policy, CompiledRule rule)
    {
        foreach (var peer in Peers(policy, rule))
        {
            foreach (var port in Ports(rule))
            {
                foreach (var family in Families(peer, port))
                {
                    Add(rule.Reference, [.. peer(family), .. port(family)]);
                }
            }
        }
    }

    private void Add(RuleReference reference, ImmutableArray<RuleMatch> matches)
    {
        var text = string.Join(' ', matches.Select(match => match.Text).Append("return"));
        if (_seen.Add(text))
        {
            _rules.Add(new Rule($"{text}{Comment(reference)}", matches, RuleVerdict.Return));
        }
    }

    /// <summary>The alternatives for peers, each as the matches for a family; never null.</summary>
    private IEnumerable<Func<AddressFamily?, RuleMatch[]>> Peers(CompiledPolicy policy, CompiledRule rule)
    {
        if (rule.Peers.IsEmpty)
        {
            yield return _ => [];
            yield break;
        }

        var key = _direction == PolicyDirection.Egress ? FlowKey.Destination : FlowKey.Source;
        var selectors = rule.Peers.Where(peer => peer.Block is null)
            .Select(peer => new PodSelection(
                peer.Namespaces is null ? policy.Namespace.Name : null, peer.Namespaces, peer.Pods))
            .ToArray();
        if (selectors.Length > 0)
        {
            var group = Shared(new PeerGroup(selectors));
            yield return family => [new RuleMatch(family, key, group.SetName(family!.Value))];
        }

        var block = CidrSet.FromRanges(
            rule.Peers.Select(peer => peer.Block).OfType<CidrSet>().SelectMany(peer => peer.Ranges));
        foreach (var family in Elements.Families.Where(family => block.Intervals(family).Any()))
        {
            var name = Constant(family, block);
            yield return given => given == family ? [new RuleMatch(family, key, name)] : [Never(family)];
        }
    }

    private IEnumerable<Func<AddressFamily?, RuleMatch[]>> Ports(CompiledRule rule)
    {
        if (rule.Ports.IsEmpty)
        {
            yield return _ => [];
            yield break;
        }

        var numbered = PortSpans.Merge(rule.Ports.Where(port => port.Name is null));
        if (!numbered.IsEmpty)
        {
            var name = Constant(numbered);
            yield return _ => [new RuleMatch(null, FlowKey.Port, name)];
        }

        foreach (var port in rule.Ports.Where(port => port.Name is not null).Distinct())
        {
            var group = Shared(new NamedPortGroup(port.Protocol, port.Name!));
            yield return family => [new RuleMatch(family, FlowKey.Service, group.SetName(family!.Value))];
        }
    }

    /// <summary>The families that a rule must name; a single null if it names none.</summary>
    private static IEnumerable<AddressFamily?> Families(
        Func<AddressFamily?, RuleMatch[]> peer, Func<AddressFamily?, RuleMatch[]> port)
    {
        RuleMatch[] sample = [.. peer(AddressFamily.InterNetwork), .. port(AddressFamily.InterNetwork)];
        if (sample.All(match => match.Family is null))
        {
            return [null];
        }

        return Elements.Families.Cast<AddressFamily?>()
            .Where(family => !peer(family).Any(match => match.Set.Length == 0));
    }

    /// <summary>The match of a block without addresses of the family: no rule is written.</summary>
    private static RuleMatch Never(AddressFamily family) => new(family, FlowKey.Source, "");

    private AddressGroup Shared(AddressGroup group)
    {
        _groups.TryAdd(group.Key, group);
        return group;
    }

    private string Constant(AddressFamily family, CidrSet block)
    {
        var intervals = block.Intervals(family).Select(item => Elements.Interval(item.First, item.Last)).ToList();
        var name = TableNames.ForContent("block", string.Join(',', intervals), family);
        _constants.TryAdd(name, new RuleSetContent(SetType.Blocks(family))
        {
            Elements = intervals.ToDictionary(item => item, _ => (string?)null, StringComparer.Ordinal),
            Block = block,
        });
        return name;
    }

    private string Constant(ImmutableArray<CompiledPort> ports)
    {
        var elements = ports
            .Select(port => Elements.Port(Elements.ProtocolOf(port.Protocol), port.First, port.Last))
            .ToList();
        var name = TableNames.ForContent("ports", string.Join(',', elements));
        var type = ports.All(port => port.First == port.Last) ? SetType.Ports : SetType.PortRanges;
        _constants.TryAdd(name, new RuleSetContent(type)
        {
            Elements = elements.ToDictionary(item => item, _ => (string?)null, StringComparer.Ordinal),
            Ports = ports,
        });
        return name;
    }

    /// <summary>Shows the owner of a rule in listings; nftables keeps at most 128 bytes.</summary>
    private static string Comment(RuleReference reference)
    {
        var text = reference.ToString();
        return PlainName().IsMatch(text) ? $" comment \"{(text.Length > 120 ? text[..120] : text)}\"" : "";
    }

    [GeneratedRegex(@"^[-a-zA-Z0-9./ \[\]#:]+$")]
    private static partial Regex PlainName();
}

/// <summary>Sorts and merges port ranges, because sets must not contain overlapping or adjacent ranges.</summary>
internal static class PortSpans
{
    public static ImmutableArray<CompiledPort> Merge(IEnumerable<CompiledPort> ports)
    {
        var merged = ImmutableArray.CreateBuilder<CompiledPort>();
        foreach (var port in ports.OrderBy(port => port.Protocol).ThenBy(port => port.First))
        {
            if (merged.Count > 0
                && merged[^1] is var last
                && last.Protocol == port.Protocol
                && port.First <= last.Last + 1)
            {
                merged[^1] = CompiledPort.Range(last.Protocol, last.First, Math.Max(last.Last, port.Last));
            }
            else
            {
                merged.Add(port);
            }
        }

        return merged.ToImmutable();
    }
}
