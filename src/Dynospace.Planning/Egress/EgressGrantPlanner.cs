using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Egress;

/// <summary>The input for the grants of the cluster.</summary>
public sealed record ObservedGrants
{
    /// <summary>The claims of Spaces. A Space without a claim has no entry.</summary>
    public IReadOnlyList<EgressClaim> Claims { get; init; } = [];

    /// <summary>The records that exist.</summary>
    public IReadOnlyList<EgressGrant> Grants { get; init; } = [];

    /// <summary>Names of the Spaces that exist.</summary>
    public IReadOnlySet<string> Spaces { get; init; } = new HashSet<string>();

    /// <summary>Names of Spaces whose deletion was observed, so that they do not return from a backup.</summary>
    public IReadOnlySet<string> Deleted { get; init; } = new HashSet<string>();

    /// <summary>The addresses that the dynos of a Space use, or are about to use.</summary>
    public IReadOnlySet<(string Space, string Address)> InUse { get; init; } = new HashSet<(string, string)>();

    /// <summary>Numbers that the tunnel still carries for addresses without a record.</summary>
    public IReadOnlySet<int> NumbersInUse { get; init; } = new HashSet<int>();

    /// <summary>The observed cluster.</summary>
    public ClusterFacts Cluster { get; init; } = ClusterFacts.Unknown;

    /// <summary>The time of the observation.</summary>
    public DateTimeOffset Now { get; init; }
}

/// <summary>The changes of records to make now.</summary>
public sealed record EgressGrantPlan
{
    /// <summary>Records to delete, before any is created.</summary>
    public IReadOnlyList<EgressGrant> Delete { get; init; } = [];

    /// <summary>Records to create. Whichever Space's record is created first has the address.</summary>
    public IReadOnlyList<EgressGrant> Create { get; init; } = [];

    /// <summary>Records to mark as vacant, since their Space is now missing.</summary>
    public IReadOnlyList<EgressGrant> Vacant { get; init; } = [];

    /// <summary>Records that were marked as vacant and whose Space is back.</summary>
    public IReadOnlyList<EgressGrant> Reoccupied { get; init; } = [];

    /// <summary>When a vacant record that another Space asks for becomes free; null for none.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>
/// Assigns fixed IPs to Spaces. A Space keeps its address until it gives it up and its last dyno is gone. If two Spaces
/// ask for a free address, the older one gets it.
/// </summary>
public static class EgressGrantPlanner
{
    /// <summary>The plan for the observed state.</summary>
    public static EgressGrantPlan Plan(ObservedGrants observed, PlatformOptions options)
    {
        ArgumentNullException.ThrowIfNull(observed);
        ArgumentNullException.ThrowIfNull(options);
        var grants = observed.Grants.DistinctBy(grant => grant.Address)
            .ToDictionary(grant => grant.Address, StringComparer.Ordinal);
        var claims = observed.Claims.OrderBy(claim => claim.Created)
            .ThenBy(claim => claim.Uid, StringComparer.Ordinal)
            .ToList();
        var released = Released(observed, claims, grants, options);
        foreach (var grant in released)
        {
            grants.Remove(grant.Address);
        }

        var allocation = new Allocation(observed, grants, options);
        foreach (var claim in claims)
        {
            allocation.Take(claim);
        }

        return new()
        {
            Delete = [.. released, .. allocation.Expired],
            Create = allocation.Created,
            Vacant =
            [
                .. grants.Values.Where(grant => IsMissing(grant, observed) && grant.VacantSince is null
                    && grant.Uid is not null),
            ],
            Reoccupied =
            [
                .. grants.Values.Where(grant => grant.VacantSince is not null && observed.Spaces.Contains(grant.Space)),
            ],
            RecheckAfter = allocation.RecheckAfter,
        };
    }

    /// <summary>Records that their Space gave up and that no dyno uses.</summary>
    private static List<EgressGrant> Released(
        ObservedGrants observed,
        List<EgressClaim> claims,
        Dictionary<string, EgressGrant> grants,
        PlatformOptions options)
    {
        var bySpace = claims.ToDictionary(claim => claim.Space, StringComparer.Ordinal);
        var released = new List<EgressGrant>();
        foreach (var space in grants.Values.GroupBy(grant => grant.Space, StringComparer.Ordinal))
        {
            if (!observed.Spaces.Contains(space.Key) && !observed.Deleted.Contains(space.Key))
            {
                continue;
            }

            var kept = ClaimedIPs.FromClaim(
                bySpace.GetValueOrDefault(space.Key),
                space.Key,
                grants,
                address => observed.InUse.Contains((space.Key, address)),
                observed.Cluster,
                options);
            released.AddRange(space.Except(kept.All));
        }

        return released;
    }

    private static bool IsMissing(EgressGrant grant, ObservedGrants observed) =>
        !observed.Spaces.Contains(grant.Space) && !observed.Deleted.Contains(grant.Space);

    /// <summary>Assigns addresses and numbers to claims, one after the other.</summary>
    private sealed class Allocation(
        ObservedGrants observed, Dictionary<string, EgressGrant> grants, PlatformOptions options)
    {
        private readonly HashSet<int> _numbers =
            [.. observed.NumbersInUse, .. observed.Grants.Select(grant => grant.Number)];

        /// <summary>The addresses that specs name. A Space that gives a count gets none of them.</summary>
        private readonly HashSet<string> _named =
            [.. observed.Claims.SelectMany(claim => claim.Addresses)];

        public List<EgressGrant> Created { get; } = [];

        public List<EgressGrant> Expired { get; } = [];

        public TimeSpan? RecheckAfter { get; private set; }

        public void Take(EgressClaim claim)
        {
            foreach (var address in claim.Addresses.Where(IsUsable).Where(IsFree).ToList())
            {
                Create(claim, address);
            }

            foreach (var isV6 in claim.Count > 0 ? FixedAddress.FamiliesOfPool(options) : [])
            {
                var missing = claim.Count - grants.Values.Count(grant => grant.Space == claim.Space
                    && AddressBlock.IsV6Text(grant.Address) == isV6
                    && FixedAddress.PoolHolds(options, grant.Address));
                if (missing <= 0)
                {
                    continue;
                }

                foreach (var address in FixedAddress.FreeInPool(
                    isV6, address => _named.Contains(address) || !IsFree(address), observed.Cluster, options)
                    .Take(missing)
                    .ToList())
                {
                    Create(claim, address);
                }
            }
        }

        private bool IsUsable(string address) =>
            FixedAddress.ProblemOf("", address, observed.Cluster, options) is null;

        private bool IsFree(string address)
        {
            if (!grants.TryGetValue(address, out var grant))
            {
                return true;
            }

            if (!IsMissing(grant, observed) || observed.InUse.Contains((grant.Space, address)))
            {
                return false;
            }

            var remaining = grant.Remaining(observed.Now);
            if (remaining > TimeSpan.Zero)
            {
                RecheckAfter = RecheckAfter < remaining ? RecheckAfter : remaining;
                return false;
            }

            return true;
        }

        private void Create(EgressClaim claim, string address)
        {
            if (NextNumber() is not { } number)
            {
                return;
            }

            if (grants.TryGetValue(address, out var expired))
            {
                Expired.Add(expired);
            }

            _numbers.Add(number);
            grants[address] = new(address, claim.Space, number);
            Created.Add(grants[address]);
        }

        /// <summary>The next free number, if possible one that was not used recently.</summary>
        private int? NextNumber()
        {
            var next = _numbers.Count == 0 ? 1 : _numbers.Max() + 1;
            if (next <= EgressGrant.MaxNumber)
            {
                return next;
            }

            for (var number = 1; number <= EgressGrant.MaxNumber; number++)
            {
                if (!_numbers.Contains(number))
                {
                    return number;
                }
            }

            return null;
        }
    }
}
