using System.Collections.Immutable;
using System.Globalization;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.Reachability.Snapshots;

/// <summary>A policy; a direction without rules isolates, a null one does not concern the policy.</summary>
public sealed record CompiledPolicy(
    PolicyName Name,
    CompiledNamespace Namespace,
    CompiledSelector Pods,
    ImmutableArray<CompiledRule>? Ingress,
    ImmutableArray<CompiledRule>? Egress)
{
    /// <summary>The rules of one direction; null if the policy does not concern it.</summary>
    public ImmutableArray<CompiledRule>? Rules(PolicyDirection direction) =>
        direction == PolicyDirection.Ingress ? Ingress : Egress;
}

/// <summary>One rule: no peers are all peers, no ports all ports.</summary>
public sealed record CompiledRule(
    RuleReference Reference, ImmutableArray<CompiledPeer> Peers, ImmutableArray<CompiledPort> Ports)
{
    /// <summary>The ports as verdicts name them.</summary>
    public string PortsText { get; } = Ports.IsEmpty ? "all ports" : string.Join(", ", Ports);

    /// <summary>Whether a port of the rule is this one; the destination says which number a name stands for.</summary>
    public bool MatchesPort(TransportPort port, CompiledPod? destination)
    {
        foreach (var candidate in Ports)
        {
            if (candidate.Matches(port, destination))
            {
                return true;
            }
        }

        return Ports.IsEmpty;
    }

    /// <summary>Whether the other end is one of the rule's peers.</summary>
    public bool MatchesPeer(
        NetworkEnd end, AddressCandidate address, CompiledNamespace policyNamespace, EvaluationOptions options)
    {
        foreach (var peer in Peers)
        {
            if (peer.Matches(end, address, policyNamespace, options))
            {
                return true;
            }
        }

        return Peers.IsEmpty;
    }
}

/// <summary>Whom a rule names: a block of addresses, or pods by the labels of pod and namespace.</summary>
/// <param name="Block">The block less its exceptions; the selectors are null then.</param>
/// <param name="Namespaces">Null is the policy's own namespace.</param>
/// <param name="Pods">Null is all pods.</param>
public sealed record CompiledPeer(CidrSet? Block, CompiledSelector? Namespaces, CompiledSelector? Pods)
{
    /// <summary>
    /// Whether the other end is this peer; a block matches if it holds an address that the end may have.
    /// </summary>
    public bool Matches(
        NetworkEnd end, AddressCandidate address, CompiledNamespace policyNamespace, EvaluationOptions options) =>
        Block is not null
            ? BlocksApplyTo(end, options) && Block.Overlaps(address.Possible)
            : end.Pod is { } pod
                && (Namespaces?.Matches(pod.Namespace.Labels) ?? ReferenceEquals(pod.Namespace, policyNamespace))
                && (Pods is null || Pods.Matches(pod.Labels));

    private static bool BlocksApplyTo(NetworkEnd end, EvaluationOptions options) => end switch
    {
        { Pod: not null } => options.IpBlockMatchesPods,
        { IsNode: true } => options.IpBlockMatchesNodes,
        _ => true,
    };
}

/// <summary>
/// Ports that a rule admits: a range of numbers, or whatever number the destination pod gives the name.
/// </summary>
public sealed record CompiledPort(TransportProtocol Protocol, int First, int Last, string? Name)
{
    /// <summary>All numbers from the first to the last, both included.</summary>
    public static CompiledPort Range(TransportProtocol protocol, int first, int last) =>
        new(protocol, first, last, null);

    /// <summary>A name that each pod maps to a number of its own.</summary>
    public static CompiledPort Named(TransportProtocol protocol, string name) => new(protocol, 0, 0, name);

    /// <summary>Whether it is this port; the destination says which number a name stands for.</summary>
    public bool Matches(TransportPort port, CompiledPod? destination) =>
        port.Protocol == Protocol
        && (Name is null
            ? port.Number >= First && port.Number <= Last
            : destination is not null && destination.NamedPorts.Contains(new NamedPort(Name, port)));

    /// <summary>As verdicts name it, such as <c>TCP 5000-5010</c>.</summary>
    public override string ToString()
    {
        var numbers = (First, Last) switch
        {
            _ when Name is not null => Name,
            (TransportPort.Lowest, TransportPort.Highest) => "any",
            var (first, last) when first == last => first.ToString(CultureInfo.InvariantCulture),
            var (first, last) => string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"),
        };
        return $"{Protocol.ToString().ToUpperInvariant()} {numbers}";
    }
}

/// <summary>
/// Reads a NetworkPolicy as the API server does: what is absent gets the API's default, what it would refuse is
/// refused. A null item of a list of rules or ports decodes to an empty one there, which admits everything; it is read
/// so here.
/// </summary>
public static class PolicyCompiler
{
    /// <summary>Reads a policy; an invalid field is an <see cref="InvalidObjectException"/>.</summary>
    public static CompiledPolicy Compile(V1NetworkPolicy policy, CompiledNamespace @namespace)
    {
        var root = ObjectField.RootOf(V1NetworkPolicy.KubeKind, policy.Metadata, namespaced: true);
        var spec = root.Child("spec");
        var name = new PolicyName(@namespace.Name, policy.Metadata.Name);
        var types = PolicyTypes(policy.Spec, spec.Child("policyTypes"));
        var ingress = Rules(
            name, PolicyDirection.Ingress, policy.Spec?.Ingress, rule => (rule?.FromProperty, rule?.Ports), spec);
        var egress = Rules(name, PolicyDirection.Egress, policy.Spec?.Egress, rule => (rule?.To, rule?.Ports), spec);
        return new(
            name,
            @namespace,
            CompiledSelector.Compile(policy.Spec?.PodSelector, spec.Child("podSelector")),
            types.Contains(PolicyDirection.Ingress) ? ingress : null,
            types.Contains(PolicyDirection.Egress) ? egress : null);
    }

    /// <summary>
    /// For an enforcer that meets a policy which cannot be understood: it isolates what it selects and admits nothing.
    /// A selector that cannot be understood may select any pod of the namespace, an unknown policy type either
    /// direction.
    /// </summary>
    public static CompiledPolicy CompileClosed(V1NetworkPolicy policy, CompiledNamespace @namespace)
    {
        var spec = ObjectField.RootOf(V1NetworkPolicy.KubeKind, policy.Metadata, namespaced: true).Child("spec");
        var types = Understood(() => PolicyTypes(policy.Spec, spec.Child("policyTypes")))
            ?? [PolicyDirection.Ingress, PolicyDirection.Egress];
        return new(
            new PolicyName(@namespace.Name, policy.Metadata.Name),
            @namespace,
            Understood(() => CompiledSelector.Compile(policy.Spec?.PodSelector, spec.Child("podSelector")))
                ?? CompiledSelector.Everything,
            types.Contains(PolicyDirection.Ingress) ? [] : null,
            types.Contains(PolicyDirection.Egress) ? [] : null);

        static T? Understood<T>(Func<T> compile)
            where T : class
        {
            try
            {
                return compile();
            }
            catch (InvalidObjectException)
            {
                return null;
            }
        }
    }

    private static HashSet<PolicyDirection> PolicyTypes(V1NetworkPolicySpec? spec, ObjectField field)
    {
        if (spec?.PolicyTypes is not { Count: > 0 } types)
        {
            return spec?.Egress is { Count: > 0 }
                ? [PolicyDirection.Ingress, PolicyDirection.Egress]
                : [PolicyDirection.Ingress];
        }

        return [.. types.Select((type, index) => type switch
        {
            "Ingress" => PolicyDirection.Ingress,
            "Egress" => PolicyDirection.Egress,
            _ => throw field.Item(index).Invalid(type ?? string.Empty, "is not a policy type; use Ingress or Egress"),
        })];
    }

    private static ImmutableArray<CompiledRule> Rules<T>(
        PolicyName policy,
        PolicyDirection direction,
        IList<T>? rules,
        Func<T?, (IList<V1NetworkPolicyPeer>? Peers, IList<V1NetworkPolicyPort>? Ports)> read,
        ObjectField spec)
    {
        var (list, peerList) = direction == PolicyDirection.Ingress ? ("ingress", "from") : ("egress", "to");
        return [.. (rules ?? []).Select((rule, index) =>
        {
            var field = spec.Child(list).Item(index);
            var (peers, ports) = read(rule);
            return new CompiledRule(
                new(policy, direction, index),
                [.. (peers ?? []).Select((peer, at) => Peer(peer, field.Child(peerList).Item(at)))],
                [.. (ports ?? []).Select((port, at) => Port(port, field.Child("ports").Item(at)))]);
        })];
    }

    private static CompiledPeer Peer(V1NetworkPolicyPeer? peer, ObjectField field)
    {
        var (block, namespaces, pods) = (peer?.IpBlock, peer?.NamespaceSelector, peer?.PodSelector);
        if (block is null && namespaces is null && pods is null)
        {
            throw field.Invalid(null, "names nobody; set podSelector, namespaceSelector or ipBlock");
        }

        if (block is null)
        {
            return new(
                null,
                namespaces is null ? null : CompiledSelector.Compile(namespaces, field.Child("namespaceSelector")),
                pods is null ? null : CompiledSelector.Compile(pods, field.Child("podSelector")));
        }

        return namespaces is null && pods is null
            ? new(Block(block, field.Child("ipBlock")), null, null)
            : throw field.Invalid(null, "has ipBlock beside a selector; make two peers of them");
    }

    private static CidrSet Block(V1IPBlock block, ObjectField field)
    {
        var range = field.Child("cidr").Range(block.Cidr);
        var exceptions = (block.Except ?? []).Select((text, index) =>
        {
            var exceptField = field.Child("except").Item(index);
            var exception = exceptField.Range(text);
            return range.Contains(exception) && exception != range
                ? exception
                : throw exceptField.Invalid(
                    text, $"is not inside {range}; list only ranges that are smaller than the block and lie in it");
        });
        return CidrSet.FromRanges(range).Except(CidrSet.FromRanges(exceptions));
    }

    private static CompiledPort Port(V1NetworkPolicyPort? port, ObjectField field)
    {
        var protocol = field.Child("protocol").Protocol(port?.Protocol);
        var text = port?.Port?.Value;
        var (portField, endField) = (field.Child("port"), field.Child("endPort"));
        var isNumber = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (port?.EndPort is { } end)
        {
            return isNumber && number <= end
                ? CompiledPort.Range(
                    protocol, portField.Port(protocol, number).Number, endField.Port(protocol, end).Number)
                : throw endField.Invalid(ObjectField.Text(end), "needs a numeric port that is not greater");
        }

        if (text is null)
        {
            return CompiledPort.Range(protocol, TransportPort.Lowest, TransportPort.Highest);
        }

        return isNumber
            ? CompiledPort.Range(protocol, portField.Port(protocol, number).Number, number)
            : IsPortName(text)
                ? CompiledPort.Named(protocol, text)
                : throw portField.Invalid(text, "is neither a port number nor a port name");
    }

    /// <summary>At most 15 of a-z, 0-9 and single inner dashes, at least one letter.</summary>
    private static bool IsPortName(string text) =>
        text.Length is >= 1 and <= 15
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && text.Any(char.IsAsciiLetterLower)
        && text[0] != '-' && text[^1] != '-' && !text.Contains("--", StringComparison.Ordinal);
}
