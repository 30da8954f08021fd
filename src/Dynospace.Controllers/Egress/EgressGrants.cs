using System.Collections.Concurrent;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Egress;

/// <summary>Records which Space has which fixed IP.</summary>
public sealed class EgressGrants(
    ClusterCaches caches, EgressObserver observer, IApiTransport transport, PlatformOptions options, TimeProvider clock)
{
    private readonly GrantRecords _records = new(transport, options.Cluster.SystemNamespace);

    /// <summary>
    /// Spaces whose deletion this process saw. After a restart they are forgotten, and their records expire instead.
    /// </summary>
    private readonly ConcurrentDictionary<string, bool> _deleted = new();

    /// <summary>What was written and the cache does not show yet: a number must not be given twice meanwhile.</summary>
    private readonly Dictionary<string, EgressGrant> _created = new(StringComparer.Ordinal);
    private readonly HashSet<string> _gone = new(StringComparer.Ordinal);

    /// <summary>Notes a change of a Space; called for all of them.</summary>
    public void OnSpace(Space? before, Space? after)
    {
        if (after is null)
        {
            _deleted[before!.Metadata.Name] = true;
        }
        else
        {
            _deleted.TryRemove(after.Metadata.Name, out _);
        }
    }

    /// <summary>The records as this process knows them: the cache, with what it does not show yet.</summary>
    public IReadOnlyList<EgressGrant> Known()
    {
        var grants = observer.Grants();
        foreach (var (address, grant) in _created.ToList())
        {
            if (!grants.TryAdd(address, grant))
            {
                _created.Remove(address);
            }
        }

        _gone.RemoveWhere(uid => grants.Values.All(grant => grant.Uid != uid));
        return [.. grants.Values.Where(grant => grant.Uid is null || !_gone.Contains(grant.Uid))];
    }

    /// <summary>Brings the records to what Spaces ask for.</summary>
    public async Task<(IReadOnlyList<ApplyFailure> Failures, TimeSpan? RecheckAfter)> ReconcileAsync(
        IReadOnlyList<EgressClaim> claims, CancellationToken cancellationToken)
    {
        var known = Known();
        var plan = EgressGrantPlanner.Plan(
            new()
            {
                Claims = claims,
                Grants = known,
                Spaces = caches.Spaces.Store.List().Select(space => space.Metadata.Name).ToHashSet(),
                Deleted = _deleted.Keys.ToHashSet(),
                InUse = known.Select(grant => grant.Space)
                    .Distinct()
                    .SelectMany(space => observer.InUse(space).Select(address => (space, address)))
                    .ToHashSet(),
                NumbersInUse = caches.Egress.Gateways.Store.List()
                    .SelectMany(gateway => gateway.Spec.IPs ?? [])
                    .Select(ip => ip.Number)
                    .ToHashSet(),
                Cluster = observer.Cluster,
                Now = clock.GetUtcNow(),
            },
            options);
        var failures = new List<ApplyFailure>();
        await _records.MarkAsync(plan.Vacant, clock.GetUtcNow(), failures, cancellationToken);
        await _records.MarkAsync(plan.Reoccupied, null, failures, cancellationToken);
        foreach (var grant in plan.Delete)
        {
            if (await _records.TryDeleteAsync(grant, failures, cancellationToken))
            {
                _created.Remove(grant.Address);
                if (grant.Uid is { } uid)
                {
                    _gone.Add(uid);
                }
            }
        }

        foreach (var grant in plan.Create)
        {
            if (await _records.TryCreateAsync(grant, failures, cancellationToken))
            {
                _created[grant.Address] = grant;
            }
        }

        return (failures, plan.RecheckAfter);
    }
}
