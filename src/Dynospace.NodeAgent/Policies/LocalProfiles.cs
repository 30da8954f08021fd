using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability;
using Dynospace.Reachability.Snapshots;
using Dynospace.Runtime;

namespace Dynospace.NodeAgent.Policies;

/// <summary>
/// The changes to a ruleset: elements by set, and chains. A set that was added or removed has no listed elements.
/// </summary>
public sealed class RulesetTouch
{
    public Dictionary<string, HashSet<string>> Sets { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Chains { get; } = new(StringComparer.Ordinal);

    public void Set(string name)
    {
        if (!Sets.ContainsKey(name))
        {
            Sets[name] = new(StringComparer.Ordinal);
        }
    }

    public void Element(string set, string element)
    {
        Set(set);
        Sets[set].Add(element);
    }

    public void Clear()
    {
        Sets.Clear();
        Chains.Clear();
    }
}

/// <summary>The elements of each family's set, by address.</summary>
/// <param name="setName">The name of the set of a family.</param>
internal sealed class AddressElements(Func<AddressFamily, string> setName)
{
    private readonly Dictionary<IPAddress, IReadOnlyList<string>> _elements = [];

    public void Set(IPAddress address, IReadOnlyList<string> elements, Ruleset rules, RulesetTouch touched)
    {
        var old = _elements.GetValueOrDefault(address) ?? [];
        if (old.Count == 0 && elements.Count == 0)
        {
            return;
        }

        var name = setName(address.AddressFamily);
        var content = rules.Sets[name].Elements;
        foreach (var gone in old.Except(elements))
        {
            content.Remove(gone);
            touched.Element(name, gone);
        }

        foreach (var added in elements.Except(old))
        {
            content[added] = null;
            touched.Element(name, added);
        }

        if (elements.Count == 0)
        {
            _elements.Remove(address);
        }
        else
        {
            _elements[address] = elements;
        }
    }
}

/// <summary>A group in use, with its elements for each address.</summary>
internal sealed class GroupMembers(AddressGroup group)
{
    public AddressGroup Group => group;

    public AddressElements Elements { get; } = new(group.SetName);

    public int Uses { get; set; }
}

/// <summary>
/// The chains of the local pods, one for each set of policies that selects a pod in a direction, and the sets that
/// these chains use. Unused chains and sets are removed.
/// </summary>
internal sealed class LocalProfiles(Ruleset rules, RulesetTouch touched, Action<GroupMembers> fill)
{
    private readonly Dictionary<string, Profile> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, (Profile? Egress, Profile? Ingress)> _pods = [];
    private readonly Dictionary<string, GroupMembers> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _constants = new(StringComparer.Ordinal);
    private readonly AddressElements _self = new(TableNames.Self);

    public IEnumerable<GroupMembers> Groups => _groups.Values;

    /// <summary>The chains of a pod; null for a direction in which no policy selects it.</summary>
    public (string? Egress, string? Ingress) ChainsOf(ObjectKey pod) =>
        _pods.TryGetValue(pod, out var profiles) ? (profiles.Egress?.Chain, profiles.Ingress?.Chain) : default;

    /// <summary>Assigns a pod the profile of these policies; true if it changed.</summary>
    public bool Join(ObjectKey pod, PolicyDirection direction, IReadOnlyList<CompiledPolicy> policies)
    {
        var (egress, ingress) = _pods.GetValueOrDefault(pod);
        var old = direction == PolicyDirection.Egress ? egress : ingress;
        var key = $"{direction} {string.Join(' ', policies.Select(policy => policy.Name))}";
        if (policies.Count == 0 ? old is null : old?.Key == key)
        {
            return false;
        }

        var @new = policies.Count == 0 ? null : Acquire(key, direction, policies);
        _pods[pod] = direction == PolicyDirection.Egress ? (@new, ingress) : (egress, @new);
        Release(old);
        return true;
    }

    public void Leave(ObjectKey pod)
    {
        if (_pods.Remove(pod, out var profiles))
        {
            Release(profiles.Egress);
            Release(profiles.Ingress);
        }
    }

    /// <summary>Rebuilds the chains that contain a changed policy.</summary>
    public void Rebuild(string @namespace, string name, IReadOnlyDictionary<string, CompiledPolicy> policies)
    {
        foreach (var profile in _profiles.Values
            .Where(profile => profile.Namespace == @namespace && profile.Policies.Contains(name)))
        {
            var old = profile.Content;
            // A policy that was deleted or no longer applies to the direction stays in the profile until its pods have
            // moved.
            profile.Content = ChainBuilder.Build(
                profile.Direction, profile.Policies.Where(policies.ContainsKey).Select(item => policies[item]));
            Use(profile.Content);
            Unuse(old);
            SetChain(profile);
        }
    }

    /// <summary>Sets the addresses of the same pod, which an address may always reach.</summary>
    public void SetSelf(IPAddress address, IEnumerable<IPAddress> others) =>
        _self.Set(address, [.. others.Select(other => Elements.Pair(address, other))], rules, touched);

    private Profile Acquire(string key, PolicyDirection direction, IReadOnlyList<CompiledPolicy> policies)
    {
        if (!_profiles.TryGetValue(key, out var profile))
        {
            profile = new Profile(
                key, direction, policies[0].Namespace.Name, [.. policies.Select(policy => policy.Name.Name)])
            {
                Content = ChainBuilder.Build(direction, policies),
            };
            _profiles[key] = profile;
            Use(profile.Content);
            SetChain(profile);
        }

        profile.Uses++;
        return profile;
    }

    private void Release(Profile? profile)
    {
        if (profile is null || --profile.Uses > 0)
        {
            return;
        }

        _profiles.Remove(profile.Key);
        rules.Chains.Remove(profile.Chain);
        touched.Chains.Add(profile.Chain);
        Unuse(profile.Content);
    }

    private void SetChain(Profile profile)
    {
        rules.Chains[profile.Chain] = profile.Content.Rules;
        touched.Chains.Add(profile.Chain);
    }

    private void Use(ProfileChain chain)
    {
        foreach (var group in chain.Groups)
        {
            if (!_groups.TryGetValue(group.Key, out var members))
            {
                members = new GroupMembers(group);
                _groups[group.Key] = members;
                foreach (var family in Elements.Families)
                {
                    AddSet(group.SetName(family), new RuleSetContent(group.TypeOf(family)));
                }

                fill(members);
            }

            members.Uses++;
        }

        foreach (var (name, content) in chain.Constants)
        {
            if (!_constants.TryGetValue(name, out var uses))
            {
                AddSet(name, content);
            }

            _constants[name] = uses + 1;
        }
    }

    private void Unuse(ProfileChain chain)
    {
        foreach (var members in chain.Groups.Select(group => _groups[group.Key]).Where(members => --members.Uses == 0))
        {
            _groups.Remove(members.Group.Key);
            foreach (var family in Elements.Families)
            {
                RemoveSet(members.Group.SetName(family));
            }
        }

        foreach (var name in chain.Constants.Keys)
        {
            if (--_constants[name] == 0)
            {
                _constants.Remove(name);
                RemoveSet(name);
            }
        }
    }

    private void AddSet(string name, RuleSetContent content)
    {
        rules.Sets[name] = content;
        touched.Set(name);
        foreach (var element in content.Elements.Keys)
        {
            touched.Element(name, element);
        }
    }

    private void RemoveSet(string name)
    {
        foreach (var element in rules.Sets[name].Elements.Keys)
        {
            touched.Element(name, element);
        }

        rules.Sets.Remove(name);
        touched.Set(name);
    }

    private sealed class Profile(
        string key, PolicyDirection direction, string @namespace, IReadOnlyList<string> policies)
    {
        public string Key => key;

        public PolicyDirection Direction => direction;

        public string Namespace => @namespace;

        public IReadOnlyList<string> Policies => policies;

        public string Chain { get; } = TableNames.ForContent(direction == PolicyDirection.Egress ? "out" : "in", key);

        public required ProfileChain Content { get; set; }

        public int Uses { get; set; }
    }
}
