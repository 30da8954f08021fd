// Policies: the network policies of a space, one file for each subject.

using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>Makes policies of one space.</summary>
public sealed class PolicyBuilder(Space space)
{
    private const string IngressType = "Ingress";
    private const string EgressType = "Egress";

    /// <summary>Selected pods neither send nor receive, but for what other policies add.</summary>
    public V1NetworkPolicy DenyAll(string name, V1LabelSelector pods) =>
        Policy(name, pods, [IngressType, EgressType], null, null);

    /// <summary>Lets something in. No rule lets nothing in.</summary>
    public V1NetworkPolicy Ingress(
        string name, V1LabelSelector pods, IList<V1NetworkPolicyPeer> from, IList<V1NetworkPolicyPort>? ports) =>
        Policy(name, pods, [IngressType], [new() { FromProperty = from, Ports = ports }], null);

    /// <summary>Lets something out.</summary>
    public V1NetworkPolicy Egress(string name, V1LabelSelector pods, IList<V1NetworkPolicyEgressRule> rules) =>
        Policy(name, pods, [EgressType], null, rules);

    /// <summary>Lets something in and something out of the same pods.</summary>
    public V1NetworkPolicy Both(
        string name, V1LabelSelector pods, V1NetworkPolicyIngressRule ingress, V1NetworkPolicyEgressRule egress) =>
        Policy(name, pods, [IngressType, EgressType], [ingress], [egress]);

    private V1NetworkPolicy Policy(
        string name,
        V1LabelSelector pods,
        IList<string> types,
        IList<V1NetworkPolicyIngressRule>? ingress,
        IList<V1NetworkPolicyEgressRule>? egress) =>
        new()
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = space.Metadata.Name,
                Labels = ChildLabels.OfSpace(space.Metadata.Name),
                Annotations = new Dictionary<string, string> { [Annotations.SpaceUid] = space.Metadata.Uid ?? "" },
            },
            // Both directions are spoken for: a rule that a user adds where there must be none is then drift, and
            // goes.
            Spec = new() { PodSelector = pods, PolicyTypes = types, Ingress = ingress ?? [], Egress = egress ?? [] },
        };
}

/// <summary>One policy as the spec asks for it, without what the spec must not ask for.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Policy">The policy; null when nothing of it is left or wanted.</param>
public sealed record PolicyDraft(string Name, V1NetworkPolicy? Policy)
{
    /// <summary>What had to be left out.</summary>
    public IReadOnlyList<Problem> Conflicts { get; init; } = [];

    /// <summary>What no version of this policy may let dynos reach; null for a policy without addresses.</summary>
    public AddressSet? Forbidden { get; init; }

    /// <summary>A policy without problems.</summary>
    public static PolicyDraft FromPolicy(V1NetworkPolicy policy) => new(policy.Metadata.Name, policy);
}
