using System.Collections.Immutable;
using Dynospace.Reachability.Snapshots;

namespace Dynospace.Reachability.Evaluation;

/// <summary>Asks the policies of one end about the other.</summary>
internal sealed class SideEvaluator(EvaluationOptions options)
{
    /// <param name="subject">The end whose policies are asked.</param>
    /// <param name="other">The end that rules must admit.</param>
    /// <param name="otherAddress">The address of it that this connection uses.</param>
    /// <param name="port">The destination's port.</param>
    /// <param name="destination">The destination pod, which gives named ports their numbers, whichever side's rule
    /// names them.</param>
    public SideDecision Decide(
        PolicyDirection direction,
        NetworkEnd subject,
        NetworkEnd other,
        AddressCandidate otherAddress,
        TransportPort port,
        CompiledPod? destination)
    {
        if (subject.Pod is not { } pod)
        {
            return Open(direction, DecisionBasis.NotSubjectToPolicy, []);
        }

        var policies = pod.Policies(direction);
        if (policies.IsEmpty)
        {
            return Open(direction, DecisionBasis.NotIsolated, []);
        }

        ImmutableArray<PolicyName> isolating = [.. policies.Select(policy => policy.Name)];
        if (other.IsNodeOf(pod) && (direction == PolicyDirection.Ingress || options.PodsReachOwnNode))
        {
            return Open(direction, DecisionBasis.OwnNode, isolating);
        }

        var admitting = ImmutableArray.CreateBuilder<RuleReference>();
        var misses = ImmutableArray.CreateBuilder<RuleMiss>();
        foreach (var policy in policies)
        {
            foreach (var rule in policy.Rules(direction)!.Value)
            {
                var peerMatches = rule.MatchesPeer(other, otherAddress, policy.Namespace, options);
                var portMatches = rule.MatchesPort(port, destination);
                if (peerMatches && portMatches)
                {
                    admitting.Add(rule.Reference);
                }
                else
                {
                    misses.Add(new(rule.Reference, peerMatches, portMatches, rule.PortsText));
                }
            }
        }

        return admitting.Count > 0
            ? new(direction, DecisionBasis.Admitted, isolating, admitting.ToImmutable(), [])
            : new(direction, DecisionBasis.NoRuleAdmits, isolating, [], misses.ToImmutable());
    }

    private static SideDecision Open(
        PolicyDirection direction, DecisionBasis basis, ImmutableArray<PolicyName> isolating) =>
        new(direction, basis, isolating, [], []);
}
