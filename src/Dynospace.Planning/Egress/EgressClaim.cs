using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>The fixed IPs that a Space asks for.</summary>
/// <param name="Space">The name of the Space.</param>
/// <param name="Provider">The provider that gives them to its traffic.</param>
public sealed record EgressClaim(string Space, EgressProvider Provider)
{
    /// <summary>When the Space was created, by the second.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>The uid of the Space.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The addresses that the spec names.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The number of addresses of each family that the spec wants from the pool.</summary>
    public int Count { get; init; }

    /// <summary>The claim of a Space; null if its traffic uses the cluster's own addresses.</summary>
    /// <param name="provider">The provider in charge of the Space.</param>
    public static EgressClaim? FromSpace(Space space, EgressProvider provider)
    {
        ArgumentNullException.ThrowIfNull(space);
        return WantsFixedIPs(space) && provider != EgressProvider.None && space.Metadata.DeletionTimestamp is null
            ? new(space.Metadata.Name, provider)
            {
                Created = space.Metadata.CreationTimestamp is { } created
                    ? ApiTime.Read(created)
                    : DateTimeOffset.MaxValue,
                Uid = space.Metadata.Uid ?? "",
                Addresses = [.. (space.Spec.OutboundIPs ?? []).Distinct(StringComparer.Ordinal)],
                Count = space.Spec.Egress?.Count ?? 0,
            }
            : null;
    }

    /// <summary>Whether the spec asks for fixed IPs, regardless of the provider.</summary>
    public static bool WantsFixedIPs(Space space) =>
        space.Spec.Runtime != SpaceRuntime.Common
        && (space.Spec.OutboundIPs is { Count: > 0 } || space.Spec.Egress?.Count > 0);
}

/// <summary>The result of a Space's claim.</summary>
public sealed record ClaimedIPs
{
    /// <summary>No claim and no grants.</summary>
    public static ClaimedIPs None { get; } = new();

    /// <summary>The grants that the spec asks for, from which new dynos get their address.</summary>
    public IReadOnlyList<EgressGrant> Active { get; init; } = [];

    /// <summary>Grants that the spec no longer asks for but that dynos still use.</summary>
    public IReadOnlyList<EgressGrant> Leaving { get; init; } = [];

    /// <summary>Why the Space does not have an address, or does not have it yet.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>All grants.</summary>
    public IEnumerable<EgressGrant> All => Active.Concat(Leaving);

    /// <param name="claim">The claim of the Space; null for none.</param>
    /// <param name="space">The name of the Space.</param>
    /// <param name="grants">All grants of the cluster, by address.</param>
    /// <param name="isInUse">Whether a dyno of the Space uses an address, or is about to.</param>
    public static ClaimedIPs FromClaim(
        EgressClaim? claim,
        string space,
        IReadOnlyDictionary<string, EgressGrant> grants,
        Func<string, bool> isInUse,
        ClusterFacts cluster,
        PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(grants);
        ArgumentNullException.ThrowIfNull(isInUse);
        ArgumentNullException.ThrowIfNull(options);
        var held = grants.Values.Where(grant => grant.Space == space)
            .OrderBy(grant => grant.Number)
            .ToList();
        var problems = new List<Problem>();
        List<EgressGrant> active = claim is null
            ? []
            : [.. Named(claim, grants, problems, cluster, options), .. Counted(claim, held, problems, options)];
        return new()
        {
            Active = active,
            Leaving = [.. held.Except(active).Where(grant => isInUse(grant.Address))],
            Problems = problems,
        };
    }

    private static IEnumerable<EgressGrant> Named(
        EgressClaim claim,
        IReadOnlyDictionary<string, EgressGrant> grants,
        List<Problem> problems,
        ClusterFacts cluster,
        PlatformOptions options)
    {
        for (var i = 0; i < claim.Addresses.Count; i++)
        {
            var (field, address) = ($"spec.outboundIPs[{i}]", claim.Addresses[i]);
            if (FixedAddress.ProblemOf(field, address, cluster, options) is { } problem)
            {
                problems.Add(problem);
            }
            else if (!grants.TryGetValue(address, out var grant))
            {
                problems.Add(new(Reasons.Progressing, $"{field} {address} is being recorded for this Space."));
            }
            else if (grant.Space != claim.Space)
            {
                problems.Add(new(
                    Reasons.AddressTaken,
                    $"{field} {address} is granted to another Space, which keeps it until it gives it up: name an "
                    + "address that is free."));
            }
            else
            {
                yield return grant;
            }
        }
    }

    /// <summary>The grants with the lowest numbers, which are usually the oldest.</summary>
    private static IEnumerable<EgressGrant> Counted(
        EgressClaim claim,
        List<EgressGrant> held,
        List<Problem> problems,
        PlatformOptions options)
    {
        if (claim.Count == 0)
        {
            yield break;
        }

        var families = FixedAddress.FamiliesOfPool(options);
        if (families.Count == 0)
        {
            problems.Add(new(
                Reasons.PoolExhausted,
                $"spec.egress.count {claim.Count}: the operator has no pool: set its option egressPool, or name the "
                + "addresses in spec.outboundIPs."));
        }

        foreach (var isV6 in families)
        {
            var had = held.Where(grant => AddressBlock.IsV6Text(grant.Address) == isV6
                && FixedAddress.PoolHolds(options, grant.Address)).Take(claim.Count).ToList();
            if (had.Count < claim.Count)
            {
                problems.Add(new(
                    Reasons.PoolExhausted,
                    $"spec.egress.count {claim.Count}: {had.Count} {(isV6 ? "IPv6" : "IPv4")} addresses of the "
                    + "operator's pool are granted so far; where it has no more, add to option egressPool, or ask for "
                    + "less."));
            }

            foreach (var grant in had)
            {
                yield return grant;
            }
        }
    }
}
