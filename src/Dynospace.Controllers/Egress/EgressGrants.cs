using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Egress;

/// <summary>
/// Writes the records of granted addresses. The name of a record follows from its address, so the API server lets one
/// of two claims win, whatever the caches say.
/// </summary>
internal sealed class EgressGrants(
    ClusterCaches caches, EgressObserver observer, IApiTransport transport, PlatformOptions options, TimeProvider clock)
{
    private static readonly WriteQuery Write = new() { FieldManager = DynospaceGroup.FieldManager };

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
        await MarkAsync(plan.Vacant, clock.GetUtcNow(), failures, cancellationToken);
        await MarkAsync(plan.Reoccupied, null, failures, cancellationToken);
        foreach (var grant in plan.Delete)
        {
            if (await TryAsync(grant, failures, key => transport.DeleteAsync(
                Kinds.ConfigMap, key, new DeleteQuery { Uid = grant.Uid }, cancellationToken)))
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
            if (await TryAsync(grant, failures, _ => transport.CreateAsync(
                Kinds.ConfigMap,
                JsonObjects.From(grant.ToConfigMap(options.Cluster.SystemNamespace)),
                Write,
                cancellationToken)))
            {
                _created[grant.Address] = grant;
            }
        }

        return (failures, plan.RecheckAfter);
    }

    private async Task MarkAsync(
        IReadOnlyList<EgressGrant> grants,
        DateTimeOffset? since,
        List<ApplyFailure> failures,
        CancellationToken cancellationToken)
    {
        foreach (var grant in grants.Where(grant => grant.Uid is not null))
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["uid"] = grant.Uid,
                    ["annotations"] = new JsonObject
                    {
                        [Annotations.VacantSince] = since?.ToString("O", CultureInfo.InvariantCulture),
                    },
                },
            };
            await TryAsync(grant, failures, key => transport.PatchAsync(
                Kinds.ConfigMap, key, PatchFormat.Merge, patch, Write, cancellationToken));
        }
    }

    /// <summary>What is gone already, or was taken by another claim, shows in the cache and wakes this again.</summary>
    private async Task<bool> TryAsync(EgressGrant grant, List<ApplyFailure> failures, Func<ObjectKey, Task> request)
    {
        var key = new ObjectKey(options.Cluster.SystemNamespace, EgressGrant.NameOf(grant.Address));
        try
        {
            await request(key);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            failures.Add(FailureClassifier.Describe(new ObjectReference(Kinds.ConfigMap, key), e));
            return false;
        }
    }
}
