// Dynospace.Reachability: the questions and answers of the evaluator: ends of a connection, its port, and the verdict
// with its basis.

using System.Collections.Immutable;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability;

/// <summary>Whether a connection may be opened, and who says so. Replies are part of the connection.</summary>
/// <param name="Source">Who opens the connection.</param>
/// <param name="Target">Who is to accept it.</param>
/// <param name="Port">The port that the source connects to.</param>
public sealed record Verdict(string Source, string Target, TransportPort Port)
{
    /// <summary>
    /// Whether the connection may be opened. To a service: whether at least one backend may be reached.
    /// </summary>
    public required bool Allowed { get; init; }

    /// <summary>What the source's side says; null where policies were not asked.</summary>
    public SideDecision? Egress { get; init; }

    /// <summary>What the destination's side says; null where policies were not asked.</summary>
    public SideDecision? Ingress { get; init; }

    /// <summary>
    /// A circumstance that decides before any policy is asked, such as <c>a pod always reaches itself</c>.
    /// </summary>
    public string? Circumstance { get; init; }

    /// <summary>To a service: a verdict for each backend, ordered by name.</summary>
    public ImmutableArray<BackendVerdict> Backends { get; init; } = [];

    /// <summary>Where one end is a set of addresses: a verdict for each part of it that policies tell apart.</summary>
    public ImmutableArray<PartVerdict> Parts { get; init; } = [];

    /// <summary>
    /// Whether some backends of a service, or some addresses of a set, may be reached and some not.
    /// </summary>
    public bool IsPartial =>
        Allowed && (Backends.Any(backend => !backend.Verdict.Allowed) || Parts.Any(part => !part.Verdict.Allowed));

    /// <summary>
    /// The side that denied, the source's first; null where the connection is allowed or no policy denied it.
    /// </summary>
    public PolicyDirection? DeniedBy => (Egress, Ingress) switch
    {
        ({ Allows: false }, _) => PolicyDirection.Egress,
        (_, { Allows: false }) => PolicyDirection.Ingress,
        _ => null,
    };

    /// <summary>What decided, without the ends' names: verdicts of the same basis read alike.</summary>
    public string Basis => VerdictText.Basis(this);

    /// <summary>The verdict and what decided in a sentence.</summary>
    public string Reason => VerdictText.Reason(this);

    /// <summary>The reason, and line by line what each side, near miss and backend says.</summary>
    public ImmutableArray<string> Explanation => VerdictText.Explanation(this);

    /// <inheritdoc/>
    public override string ToString() => Reason;
}

/// <summary>What holds for some addresses of a set.</summary>
/// <param name="Addresses">The addresses.</param>
/// <param name="Verdict">The verdict on a connection from or to each of them.</param>
public sealed record PartVerdict(CidrSet Addresses, Verdict Verdict);

/// <summary>What holds for one backend of a service.</summary>
/// <param name="Backend">The pod or address behind the service.</param>
/// <param name="Port">The port that the service's port is mapped to on it.</param>
/// <param name="Verdict">The verdict on the connection after the mapping.</param>
public sealed record BackendVerdict(string Backend, TransportPort Port, Verdict Verdict);

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
            DecisionBasis.OwnNode => $"{side} open to the pod's own node",
            DecisionBasis.Admitted =>
                $"{side} by {string.Join(", ", Admitting.Select(rule => $"{rule.Policy} rule {rule.Index}"))}",
            _ => $"{side} of {PolicyList}",
        };
    }

    // All policies that isolate one pod are of its namespace.
    private string PolicyList => Isolating is [var only]
        ? only.ToString()
        : $"{Isolating[0].Namespace}/{{{string.Join(", ", Isolating.Select(policy => policy.Name))}}}";
}

/// <summary>Why one side of a connection admits it or not.</summary>
public enum DecisionBasis
{
    /// <summary>This end is not a pod, or a pod on the host network: policies do not apply to it.</summary>
    NotSubjectToPolicy,

    /// <summary>No policy selects the pod for this direction.</summary>
    NotIsolated,

    /// <summary>The other end is the node that the pod runs on.</summary>
    OwnNode,

    /// <summary>A rule admits the connection.</summary>
    Admitted,

    /// <summary>
    /// Policies isolate the pod and none of their rules admits the connection. The only basis that denies.
    /// </summary>
    NoRuleAdmits,
}

/// <summary>Which side of a connection a rule governs.</summary>
public enum PolicyDirection
{
    /// <summary>What the destination lets in.</summary>
    Ingress,

    /// <summary>What the source may open.</summary>
    Egress,
}

/// <summary>A NetworkPolicy by name.</summary>
public sealed record PolicyName(string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>One rule of a policy: <c>spec.ingress[Index]</c> or <c>spec.egress[Index]</c>.</summary>
public sealed record RuleReference(PolicyName Policy, PolicyDirection Direction, int Index)
{
    /// <summary>Such as <c>acme-prod/dns egress[0]</c>.</summary>
    public override string ToString() =>
        $"{Policy} {(Direction == PolicyDirection.Ingress ? "ingress" : "egress")}[{Index}]";
}

/// <summary>A rule that applied to the pod but admitted nothing.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="PeerMatches">Whether its peers include the other end, so that only the port is missing.</param>
/// <param name="PortMatches">Whether its ports include the port, so that only the peer is missing.</param>
/// <param name="Ports">The ports that it does admit, such as <c>TCP 5000, UDP 53</c>.</param>
public sealed record RuleMiss(RuleReference Rule, bool PeerMatches, bool PortMatches, string Ports)
{
    /// <summary>Such as <c>acme-prod/dns egress[0] is for other peers</c>.</summary>
    public override string ToString() => (PeerMatches, PortMatches) switch
    {
        (true, _) => $"{Rule} admits this peer on {Ports} only",
        (_, true) => $"{Rule} is for other peers",
        _ => $"{Rule} is for other peers and ports",
    };
}

/// <summary>Puts verdicts into words.</summary>
internal static class VerdictText
{
    /// <summary>How many ranges a sentence names.</summary>
    private const int NamedRanges = 3;

    public static string Basis(Verdict verdict)
    {
        if (verdict.Circumstance is { } circumstance)
        {
            return $"{Outcome(verdict)}: {circumstance}";
        }

        if (!verdict.Parts.IsEmpty)
        {
            return string.Join(" | ", PartBases(verdict));
        }

        if (!verdict.Backends.IsEmpty)
        {
            var bases = verdict.Backends.Select(backend => Basis(backend.Verdict)).Distinct(StringComparer.Ordinal);
            return $"{(verdict.IsPartial ? "some backends" : "every backend")} {string.Join(" | ", bases)}";
        }

        return verdict.Allowed
            ? $"allowed: {string.Join("; ", Sides(verdict))}"
            : $"denied: no rule admits it in {string.Join(", nor in ", Sides(verdict).Where(side => !side.Allows))}";
    }

    public static string Reason(Verdict verdict)
    {
        if (verdict.Circumstance is { } circumstance)
        {
            return $"{Outcome(verdict)}: {circumstance}";
        }

        if (!verdict.Parts.IsEmpty)
        {
            return verdict.IsPartial ? Basis(verdict) : Reason(verdict.Parts[0].Verdict);
        }

        if (!verdict.Backends.IsEmpty)
        {
            return BackendReason(verdict);
        }

        return verdict.Allowed
            ? $"allowed: {string.Join("; ", Sides(verdict))}"
            : string.Join("; ", Sides(verdict).Where(side => !side.Allows).Select(side => Denial(verdict, side)));
    }

    /// <summary>The addresses are named where they make a difference.</summary>
    private static IEnumerable<string> PartBases(Verdict verdict)
    {
        var all = Union(verdict.Parts.Select(part => part.Addresses));
        return verdict.Parts.GroupBy(part => Basis(part.Verdict), StringComparer.Ordinal)
            .Select(parts => verdict.IsPartial
                ? $"{Named(Union(parts.Select(part => part.Addresses)), all)} {parts.Key}"
                : parts.Key);
    }

    private static CidrSet Union(IEnumerable<CidrSet> sets) =>
        sets.Aggregate(CidrSet.Empty, (union, set) => union.Union(set));

    private static string Named(CidrSet addresses, CidrSet all) => string.Join(
        " and ",
        new[] { ("IPv4", AddressRange.EveryIPv4), ("IPv6", AddressRange.EveryIPv6) }
            .Select(family => (
                Name: family.Item1,
                Mine: addresses.Intersect(CidrSet.FromRanges(family.Item2)),
                All: all.Intersect(CidrSet.FromRanges(family.Item2))))
            .Where(family => !family.Mine.IsEmpty)
            .Select(family => family.Mine.Equals(family.All) ? $"all of {family.Name}" : Listed(family.Mine.Ranges)));

    private static string Listed(ImmutableArray<AddressRange> ranges) =>
        ranges.Length <= NamedRanges
            ? string.Join(", ", ranges)
            : $"{string.Join(", ", ranges.Take(NamedRanges))} and {ranges.Length - NamedRanges} more ranges";

    public static ImmutableArray<string> Explanation(Verdict verdict) =>
    [
        Reason(verdict),
        .. Sides(verdict).SelectMany(side => side.Misses).Select(miss => miss.ToString()),
        .. verdict.Backends.SelectMany(backend => Explanation(backend.Verdict)
            .Select((line, index) => index == 0 ? $"{backend.Backend} on {backend.Port}: {line}" : $"  {line}")),
    ];

    private static string Denial(Verdict verdict, SideDecision side)
    {
        var other = side.Direction == PolicyDirection.Ingress ? verdict.Source : verdict.Target;
        return $"denied by {side}: no rule admits {other} on {verdict.Port}";
    }

    private static string BackendReason(Verdict verdict)
    {
        if (!verdict.IsPartial)
        {
            return Reason(verdict.Backends[0].Verdict);
        }

        var reachable = verdict.Backends.Count(backend => backend.Verdict.Allowed);
        var refused = verdict.Backends.First(backend => !backend.Verdict.Allowed);
        return $"allowed to {reachable} of {verdict.Backends.Length} backends only; {refused.Backend}: "
            + $"{Reason(refused.Verdict)}";
    }

    private static IEnumerable<SideDecision> Sides(Verdict verdict) =>
        new[] { verdict.Egress, verdict.Ingress }.OfType<SideDecision>();

    private static string Outcome(Verdict verdict) => verdict.Allowed ? "allowed" : "denied";
}
