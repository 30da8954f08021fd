using System.Collections.Immutable;

namespace Dynospace.Reachability;

/// <summary>Puts verdicts into words.</summary>
internal static class VerdictText
{
    public static string Basis(Verdict verdict)
    {
        if (verdict.Circumstance is { } circumstance)
        {
            return $"{Outcome(verdict)}: {circumstance}";
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

        if (!verdict.Backends.IsEmpty)
        {
            return BackendReason(verdict);
        }

        return verdict.Allowed
            ? $"allowed: {string.Join("; ", Sides(verdict))}"
            : string.Join("; ", Sides(verdict).Where(side => !side.Allows).Select(side => Denial(verdict, side)));
    }

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
        return $"allowed to {reachable} of {verdict.Backends.Length} backends only; {refused.Backend}: {Reason(refused.Verdict)}";
    }

    private static IEnumerable<SideDecision> Sides(Verdict verdict) =>
        new[] { verdict.Egress, verdict.Ingress }.OfType<SideDecision>();

    private static string Outcome(Verdict verdict) => verdict.Allowed ? "allowed" : "denied";
}
