// Policies: the network policies of a space, one file for each subject.

using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>Builds policies of one space.</summary>
public sealed class PolicyBuilder(Space space)
{
    private const string IngressType = "Ingress";
    private const string EgressType = "Egress";

    /// <summary>Denies ingress and egress of the selected pods, except what other policies allow.</summary>
    public V1NetworkPolicy DenyAll(string name, V1LabelSelector pods) =>
        Policy(name, pods, [IngressType, EgressType], null, null);

    /// <summary>Allows ingress by rules. Without rules it allows nothing.</summary>
    public V1NetworkPolicy Ingress(
        string name, V1LabelSelector pods, IList<V1NetworkPolicyPeer> from, IList<V1NetworkPolicyPort>? ports) =>
        Policy(name, pods, [IngressType], [new() { FromProperty = from, Ports = ports }], null);

    /// <summary>Allows egress by rules.</summary>
    public V1NetworkPolicy Egress(string name, V1LabelSelector pods, IList<V1NetworkPolicyEgressRule> rules) =>
        Policy(name, pods, [EgressType], null, rules);

    /// <summary>Allows ingress and egress of the same pods.</summary>
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
            // Both directions are set, so that a rule that a user adds to an empty one counts as drift and is removed.
            Spec = new() { PodSelector = pods, PolicyTypes = types, Ingress = ingress ?? [], Egress = egress ?? [] },
        };
}

/// <summary>One policy as the spec asks for it, without ranges that conflict.</summary>
/// <param name="Name">The policy's name.</param>
/// <param name="Policy">The policy; null if it is empty or not wanted.</param>
public sealed record PolicyDraft(string Name, V1NetworkPolicy? Policy)
{
    /// <summary>A problem for each part that was left out.</summary>
    public IReadOnlyList<Problem> Conflicts { get; init; } = [];

    /// <summary>The ranges that no version of this policy may allow; null for a policy without addresses.</summary>
    public AddressSet? Forbidden { get; init; }

    /// <summary>A policy without problems.</summary>
    public static PolicyDraft FromPolicy(V1NetworkPolicy policy) => new(policy.Metadata.Name, policy);
}
