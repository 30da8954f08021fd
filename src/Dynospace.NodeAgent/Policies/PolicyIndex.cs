// Policies: compiles policies and pods into the desired ruleset, and the difference of two rulesets into a transaction.
// Pure.

using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Snapshots;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.NodeAgent.Policies;

/// <summary>
/// Pure: keeps the desired ruleset in step with namespaces, pods and policies. The ruleset depends only on the known
/// objects, not on their order. The cost of an update depends on the change, not on the size of the cluster.
/// </summary>
public sealed class PolicyIndex
{
    private static readonly PolicyDirection[] Directions = [PolicyDirection.Egress, PolicyDirection.Ingress];

    private readonly string _node;
    private readonly bool _hasClosedRanges;
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _namespaceLabels =
        new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, CompiledPolicy>> _policies =
        new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<ObjectKey, NetworkedPod>> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<IPAddress, List<NetworkedPod>> _claims = [];
    private readonly LocalProfiles _profiles;

    /// <param name="node">The name of this node.</param>
    /// <param name="closedRanges">Ranges in which traffic of addresses without a known pod is dropped.</param>
    public PolicyIndex(string node, CidrSet closedRanges)
    {
        _node = node;
        _hasClosedRanges = !closedRanges.IsEmpty;
        _profiles = new LocalProfiles(Rules, Touched, FillGroup);
        BaseTable.Fill(Rules, closedRanges);
    }

    /// <summary>The desired ruleset.</summary>
    public Ruleset Rules { get; } = new();

    /// <summary>The changes since it was last cleared.</summary>
    public RulesetTouch Touched { get; } = new();

    /// <summary>The policies and pods that cannot be interpreted, with the reason.</summary>
    public Dictionary<(string Kind, ObjectKey Key), string> Problems { get; } = [];

    /// <summary>The addresses of this node's pods.</summary>
    public IReadOnlyCollection<IPAddress> LocalAddresses =>
        [.. _pods.Values.SelectMany(pods => pods.Values).Where(pod => pod.IsLocal).SelectMany(pod => pod.Addresses)];

    /// <summary>Adds or updates a namespace; null removes it.</summary>
    public void SetNamespace(string name, V1Namespace? value)
    {
        if (value is null)
        {
            _namespaceLabels.Remove(name);
        }
        else
        {
            _namespaceLabels[name] = CompiledNamespace.Create(name, value.Metadata.Labels).Labels;
        }

        foreach (var address in PodsOf(name).Values.SelectMany(pod => pod.Addresses).ToList())
        {
            Refresh(address);
        }
    }

    /// <summary>Adds or updates a policy; null removes it.</summary>
    public void SetPolicy(ObjectKey key, V1NetworkPolicy? value)
    {
        var (@namespace, name) = (key.Namespace!, key.Name);
        Problems.Remove((V1NetworkPolicy.KubeKind, key));
        if (!_policies.TryGetValue(@namespace, out var policies))
        {
            _policies[@namespace] = policies = new(StringComparer.Ordinal);
        }

        if (value is null)
        {
            policies.Remove(name);
        }
        else
        {
            policies[name] = Compile(key, value);
        }

        _profiles.Rebuild(@namespace, name, policies);
        foreach (var pod in PodsOf(@namespace).Values.Where(pod => pod.IsLocal))
        {
            Place(pod);
        }
    }

    /// <summary>Adds or updates a pod; null removes it.</summary>
    public void SetPod(ObjectKey key, V1Pod? value)
    {
        var pods = PodsOf(key.Namespace!);
        var old = pods.GetValueOrDefault(key);
        InvalidObjectException? problem = null;
        var @new = value is null ? null : NetworkedPod.FromPod(value, _node, out problem);
        Problems.Remove((V1Pod.KubeKind, key));
        if (problem is not null)
        {
            Problems[(V1Pod.KubeKind, key)] = problem.Message;
        }

        if (Equals(old, @new))
        {
            return;
        }

        foreach (var address in old?.Addresses ?? [])
        {
            Unclaim(address, key);
        }

        if (@new is null)
        {
            pods.Remove(key);
        }
        else
        {
            pods[key] = @new;
            foreach (var address in @new.Addresses)
            {
                Claim(address, @new);
            }
        }

        if (@new is { IsLocal: true })
        {
            Place(@new);
        }
        else
        {
            _profiles.Leave(key);
        }

        foreach (var address in (old?.Addresses ?? []).Union(@new?.Addresses ?? []))
        {
            Refresh(address);
        }
    }

    private CompiledPolicy Compile(ObjectKey key, V1NetworkPolicy policy)
    {
        // Only the name: rules refer to namespaces by name, and labels are looked up when needed.
        var @namespace = CompiledNamespace.Create(key.Namespace!, null);
        try
        {
            return PolicyCompiler.Compile(policy, @namespace);
        }
        catch (InvalidObjectException e)
        {
            Problems[(V1NetworkPolicy.KubeKind, key)] = e.Message;
            return PolicyCompiler.CompileClosed(policy, @namespace);
        }
    }

    /// <summary>Assigns a local pod the chains of its policies.</summary>
    private void Place(NetworkedPod pod)
    {
        var selecting = _policies.GetValueOrDefault(pod.Key.Namespace!)?.Values
            .Where(policy => policy.Pods.Matches(pod.Labels))
            .ToList() ?? [];
        var moved = false;
        foreach (var direction in Directions)
        {
            moved |= _profiles.Join(
                pod.Key, direction, [.. selecting.Where(policy => policy.Rules(direction) is not null)]);
        }

        if (moved)
        {
            foreach (var address in pod.Addresses)
            {
                Refresh(address);
            }
        }
    }

    private void Claim(IPAddress address, NetworkedPod pod)
    {
        if (!_claims.TryGetValue(address, out var claims))
        {
            _claims[address] = claims = [];
        }

        claims.Add(pod);
        claims.Sort((left, right) => left.Precedes(right) ? -1 : 1);
    }

    private void Unclaim(IPAddress address, ObjectKey key)
    {
        if (_claims.TryGetValue(address, out var claims))
        {
            claims.RemoveAll(pod => pod.Key == key);
            if (claims.Count == 0)
            {
                _claims.Remove(address);
            }
        }
    }

    /// <summary>Updates all elements for an address from the pod that has it.</summary>
    private void Refresh(IPAddress address)
    {
        var owner = _claims.GetValueOrDefault(address)?[0];
        var family = address.AddressFamily;
        var text = address.ToString();
        var chains = owner is { IsLocal: true } ? _profiles.ChainsOf(owner.Key) : default;
        SetElement(TableNames.Egress(family), text, chains.Egress, isIn: chains.Egress is not null);
        SetElement(TableNames.Ingress(family), text, chains.Ingress, isIn: chains.Ingress is not null);
        SetElement(TableNames.Isolated(family), text, null, isIn: chains != default);
        _profiles.SetSelf(
            address,
            chains == default ? [] : [.. owner!.Addresses.Where(other => other.AddressFamily == family)]);
        if (_hasClosedRanges)
        {
            SetElement(TableNames.Known(family), text, null, isIn: owner is not null);
        }

        foreach (var group in _profiles.Groups)
        {
            group.Elements.Set(address, owner is null ? [] : ElementsOf(group.Group, owner, address), Rules, Touched);
        }
    }

    private void FillGroup(GroupMembers group)
    {
        foreach (var (address, claims) in _claims)
        {
            group.Elements.Set(address, ElementsOf(group.Group, claims[0], address), Rules, Touched);
        }
    }

    private IReadOnlyList<string> ElementsOf(AddressGroup group, NetworkedPod owner, IPAddress address) =>
        group.ElementsOf(owner, LabelsOf(owner.Key.Namespace!), address);

    private void SetElement(string set, string element, string? chain, bool isIn)
    {
        var elements = Rules.Sets[set].Elements;
        if (isIn ? !elements.TryGetValue(element, out var known) || known != chain : elements.ContainsKey(element))
        {
            if (isIn)
            {
                elements[element] = chain;
            }
            else
            {
                elements.Remove(element);
            }

            Touched.Element(set, element);
        }
    }

    private IReadOnlyDictionary<string, string> LabelsOf(string @namespace)
    {
        if (!_namespaceLabels.TryGetValue(@namespace, out var labels))
        {
            // A pod may be known before its namespace, but the namespace's name is known.
            labels = CompiledNamespace.Create(@namespace, null).Labels;
        }

        return labels;
    }

    private Dictionary<ObjectKey, NetworkedPod> PodsOf(string @namespace)
    {
        if (!_pods.TryGetValue(@namespace, out var pods))
        {
            _pods[@namespace] = pods = [];
        }

        return pods;
    }
}

/// <summary>The constant part of the table.</summary>
internal static class BaseTable
{
    private static readonly FlowKey[] Sides = [FlowKey.Source, FlowKey.Destination];

    public static void Fill(Ruleset rules, CidrSet closedRanges)
    {
        List<Rule> chain = [Rule.Other("ct state established,related accept")];
        foreach (var family in Elements.Families)
        {
            rules.Sets[TableNames.Egress(family)] = new RuleSetContent(SetType.Verdicts(family));
            rules.Sets[TableNames.Ingress(family)] = new RuleSetContent(SetType.Verdicts(family));
            rules.Sets[TableNames.Isolated(family)] = new RuleSetContent(SetType.Addresses(family));
            rules.Sets[TableNames.Self(family)] = new RuleSetContent(SetType.Pairs(family));
            var intervals = closedRanges.Intervals(family).ToList();
            if (intervals.Count > 0)
            {
                rules.Sets[TableNames.Closed(family)] = new RuleSetContent(SetType.Blocks(family))
                {
                    Elements = intervals.ToDictionary(
                        item => Elements.Interval(item.First, item.Last), _ => (string?)null, StringComparer.Ordinal),
                    Block = closedRanges,
                };
                chain.Add(ClosedRule(family, FlowKey.Source));
                chain.Add(ClosedRule(family, FlowKey.Destination));
            }

            if (!closedRanges.IsEmpty)
            {
                rules.Sets[TableNames.Known(family)] = new RuleSetContent(SetType.Addresses(family));
            }
        }

        // A TCP connection must start with SYN. Otherwise conntrack would pick up existing connections, and after a
        // policy became narrower, the server's next segment would restore a cut connection with the roles reversed.
        chain.AddRange(Elements.Families.SelectMany(family => Sides.Select(side => Rule.Other(
            $"tcp flags != syn / fin,syn,rst,ack {new RuleMatch(family, side, TableNames.Isolated(family)).Text} "
            + $"counter name \"{TableNames.Midstream}\" drop"))));

        // A pod that connects to itself through its own Service sends and receives on its own interface.
        chain.AddRange(Elements.Families.Select(family => NewRule(
            [new RuleMatch(family, FlowKey.Pair, TableNames.Self(family))], "accept", RuleVerdict.Accept)));
        chain.AddRange(Elements.Families.Select(family => Map(family, FlowKey.Source, TableNames.Egress(family))));
        chain.AddRange(
            Elements.Families.Select(family => Map(family, FlowKey.Destination, TableNames.Ingress(family))));
        rules.BaseChain = [.. chain];
    }

    private static Rule ClosedRule(AddressFamily family, FlowKey key) => NewRule(
        [
            new RuleMatch(family, key, TableNames.Closed(family)),
            new RuleMatch(family, key, TableNames.Known(family), IsNegated: true),
        ],
        $"counter name \"{TableNames.Unknown}\" drop",
        RuleVerdict.Drop);

    private static Rule NewRule(RuleMatch[] matches, string statement, RuleVerdict verdict) =>
        new($"{string.Join(' ', matches.Select(match => match.Text))} {statement}", [.. matches], verdict);

    private static Rule Map(AddressFamily family, FlowKey key, string map)
    {
        var match = new RuleMatch(family, key, map);
        return new($"{match.KeyText} vmap @{map}", [match], RuleVerdict.Map);
    }
}
