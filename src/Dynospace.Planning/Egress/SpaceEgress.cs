using System.Globalization;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>The state of a Space's egress, for its status.</summary>
public sealed record SpaceEgress
{
    /// <summary>No claim and no grants.</summary>
    public static SpaceEgress None { get; } = new();

    /// <summary>The provider in charge.</summary>
    public EgressProvider Provider { get; init; } = EgressProvider.None;

    /// <summary>The claim of the Space; null for none, or if no provider is in charge.</summary>
    public EgressClaim? Claim { get; init; }

    /// <summary>Its grants.</summary>
    public ClaimedIPs IPs { get; init; } = ClaimedIPs.None;

    /// <summary>Its EgressGateway; null for none.</summary>
    public EgressGateway? Gateway { get; init; }

    /// <summary>Faults and limits of the provider of the cluster, faults first.</summary>
    public IReadOnlyList<Problem> Foreign { get; init; } = [];

    /// <summary>The number of dynos that run without a fixed IP.</summary>
    public int Unassigned { get; init; }

    /// <summary>
    /// Whether dynos wait because nothing can prove that their packets leave by the space's addresses.
    /// </summary>
    public bool IsWaiting(PlatformOptions options) =>
        Claim is not null && Provider != EgressProvider.Builtin
        && options.Egress is { IsProofRequired: true, EchoEndpoint: null };

    /// <summary>The field of the status; null if the space's traffic uses the cluster's own addresses.</summary>
    public SpaceEgressStatus? ToStatus(PlatformOptions options) => Claim is null
        ? null
        : new()
        {
            Provider = Provider,
            Leaving = IPs.Leaving.Count > 0 ? [.. IPs.Leaving.Select(grant => grant.Address)] : null,
            Waiting = IsWaiting(options) ? true : null,
        };
}

/// <summary>The condition EgressReady, for every provider.</summary>
public static class EgressConditions
{
    /// <summary>Status, reason and message; null for a Space that asks for no fixed IP.</summary>
    public static (string Status, Problem Problem)? Ready(
        Space space, SpaceEgress egress, bool isSimulated, PlatformOptions options)
    {
        if (egress.Claim is null)
        {
            return EgressClaim.WantsFixedIPs(space) ? (ConditionStatus.Unknown, NotProvisioned(space)) : null;
        }

        if (Sum(egress.IPs.Problems) is { } claim)
        {
            return (ConditionStatus.False, claim);
        }

        if (egress.Foreign.FirstOrDefault(problem => problem.Reason.Nature != ReasonNature.Warning) is { } fault)
        {
            return (ConditionStatus.False, fault);
        }

        if (egress.IsWaiting(options))
        {
            return (ConditionStatus.Unknown, NotProven());
        }

        return egress.Unassigned > 0
            ? (ConditionStatus.False, Moving(egress))
            : egress.Provider == EgressProvider.Builtin ? OfGateway(egress) : OfForeign(egress, isSimulated);
    }

    /// <summary>The effect on the Space's readiness; null if it is ready.</summary>
    public static ReadyState? Judge((string Status, Problem Problem)? condition, SpaceEgress egress) => condition switch
    {
        null => null,
        { Status: ConditionStatus.False, Problem: var problem } => ReadyState.FromProblem(problem),
        { Problem: var problem } when egress.Claim is not null && problem.Reason.IsFault =>
            ReadyState.FromProblem(problem),
        _ => null,
    };

    private static Problem NotProvisioned(Space space) => new(
        Reasons.NotProvisioned,
        $"{(space.Spec.Egress?.Provider is EgressProvider.None ? "spec.egress.provider" : "Option egressProvider")} is "
        + "None: traffic leaves by the cluster's own addresses, not by "
        + $"{(space.Spec.OutboundIPs is { Count: > 0 } ? "spec.outboundIPs" : "fixed ones")}.");

    private static Problem NotProven() => new(
        Reasons.EgressNotProven,
        "Nothing outside the cluster reports the address that traffic comes from, so dynos wait: set the operator's "
        + "option "
        + "egressEcho to an echo endpoint, or requireEgressProof to false.");

    private static Problem Moving(SpaceEgress egress) => new(
        Reasons.Progressing,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{egress.Unassigned} dynos still leave by the cluster's own addresses, until they are replaced."));

    private static (string Status, Problem Problem) OfGateway(SpaceEgress egress)
    {
        var ready = Conditions.Find(egress.Gateway?.Status?.Conditions, ConditionTypes.Ready);
        if (egress.Gateway is null || ready is null)
        {
            return (ConditionStatus.False, new(Reasons.Progressing, "The space's EgressGateway is being created."));
        }

        return (ready.Status, new(Reason.FromName(ready.Reason), ready.Message + Leaving(egress)));
    }

    private static (string Status, Problem Problem) OfForeign(SpaceEgress egress, bool isSimulated) => isSimulated
        ? (ConditionStatus.Unknown, new(Reasons.Simulated, "This is a dev cluster: it has no packets."))
        : egress.Foreign.Count > 0
            ? (ConditionStatus.True, Sum(egress.Foreign)!)
            : (ConditionStatus.True, new(
                Reasons.Ready,
                egress.Provider == EgressProvider.External
                    ? "The addresses are given from outside the cluster; each dyno's gate proves them."
                    : $"{egress.Provider} took the addresses; each dyno's gate proves them."));

    private static string Leaving(SpaceEgress egress) => egress.IPs.Leaving.Count == 0
        ? ""
        : $" {string.Join(", ", egress.IPs.Leaving.Select(grant => grant.Address))} stays until the last dyno that "
            + "uses it has been replaced.";

    private static Problem? Sum(IReadOnlyList<Problem> problems)
    {
        var worst = problems.OrderByDescending(problem => problem.Reason.Nature).FirstOrDefault();
        return worst is null
            ? null
            : new(worst.Reason, string.Join(' ', problems.Select(problem => problem.Message)));
    }
}
