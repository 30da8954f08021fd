using System.Collections.Immutable;

namespace Dynospace.Reachability;

/// <summary>What one side of a connection says to it.</summary>
/// <param name="Direction">Egress is the source's side, ingress the destination's.</param>
/// <param name="Basis">Why it is admitted or not.</param>
/// <param name="Isolating">The policies that select the pod for this direction.</param>
/// <param name="Admitting">All rules that admit the connection.</param>
/// <param name="Misses">For a denial, each rule that did not admit it.</param>
public sealed record SideDecision(
    PolicyDirection Direction,
    DecisionBasis Basis,
    ImmutableArray<PolicyName> Isolating,
    ImmutableArray<RuleReference> Admitting,
    ImmutableArray<RuleMiss> Misses)
{
    /// <summary>Whether this side admits the connection.</summary>
    public bool Allows => Basis != DecisionBasis.NoRuleAdmits;

    /// <summary>Without the ends' names, so that equal decisions of different pods read alike.</summary>
    public override string ToString()
    {
        var side = Direction == PolicyDirection.Ingress ? "ingress" : "egress";
        return Basis switch
        {
            DecisionBasis.NotSubjectToPolicy => $"{side} not subject to policy",
            DecisionBasis.NotIsolated => $"{side} not isolated",
            DecisionBasis.OwnNode => $"{side} open to the own node",
            DecisionBasis.Admitted => $"{side} by {string.Join(", ", Admitting.Select(rule => $"{rule.Policy} rule {rule.Index}"))}",
            _ => $"{side} of {PolicyList}",
        };
    }

    // All policies that isolate one pod are of its namespace.
    private string PolicyList => Isolating is [var only]
        ? only.ToString()
        : $"{Isolating[0].Namespace}/{{{string.Join(", ", Isolating.Select(policy => policy.Name))}}}";
}
