namespace Dynospace.Reachability;

/// <summary>One rule of a policy: <c>spec.ingress[Index]</c> or <c>spec.egress[Index]</c>.</summary>
public sealed record RuleReference(PolicyName Policy, PolicyDirection Direction, int Index)
{
    /// <summary>Such as <c>acme-prod/dns egress[0]</c>.</summary>
    public override string ToString() => $"{Policy} {(Direction == PolicyDirection.Ingress ? "ingress" : "egress")}[{Index}]";
}
