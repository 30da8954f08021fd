// Egress: gives spaces their fixed IPs and makes the way out of each: an EgressGateway, or objects of the cluster's own
// provider.

using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Children;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using k8s;

namespace Dynospace.Controllers.Egress;

/// <summary>
/// Gives Spaces their fixed IPs, and makes the way out of each: an EgressGateway for the node agents, or the objects of
/// the cluster's own egress gateway. One pass serves all Spaces, since numbers, gateways and ports are shared by all.
/// </summary>
public sealed class EgressReconciler(
    ClusterCaches caches,
    EgressObserver observer,
    EgressGrants grants,
    ChildApplier children,
    IApplier applier,
    IEventRecorder events,
    PlatformOptions options,
    TimeProvider clock) : IReconciler
{
    private readonly NameRechecks _names = new(clock);

    /// <summary>Each refusal is an event once, for as long as it lasts.</summary>
    private readonly HashSet<(string Space, string Message)> _reported = [];

    /// <summary>
    /// What was written and the cache does not show yet. The objects are the memory of ports and numbers: planning on
    /// an outdated one would give them twice.
    /// </summary>
    private readonly Dictionary<string, (long? Generation, EgressGateway Gateway)> _written = [];

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var spaces = caches.Spaces.Store.List().OrderBy(space => space.Metadata.Name, StringComparer.Ordinal).ToList();
        List<EgressClaim> claims =
            [.. spaces.Select(space => EgressClaim.FromSpace(space, observer.ProviderOf(space))).OfType<EgressClaim>()];
        if (claims.Count == 0 && caches.Egress.IsEmpty)
        {
            return ReconcileResult.Done;
        }

        var (failures, recheck) = await grants.ReconcileAsync(claims, cancellationToken);
        List<ApplyReport> reports =
        [
            .. await ApplyGatewaysAsync(spaces, claims, cancellationToken),
            .. await ApplyForeignAsync(spaces, claims, cancellationToken),
        ];
        return ReconcileEnd.FromReport(
            key,
            [.. failures, .. reports.SelectMany(report => report.Failures)],
            ReconcileEnd.Earliest(
                [recheck, _names.After(key, isTaken: false), .. reports.Select(report => report.RecheckAfter)]));
    }

    private async Task<IReadOnlyList<ApplyReport>> ApplyGatewaysAsync(
        List<Space> spaces, List<EgressClaim> claims, CancellationToken cancellationToken)
    {
        var nodes = observer.Nodes();
        var stored = Stored();
        var planned = EgressPlanner.Plan(
            new() { Spaces = SpacesOf(spaces, claims, stored), Nodes = nodes, Gateways = [.. stored.Values] }, options);
        var reports = new List<ApplyReport>();
        foreach (var egress in planned)
        {
            var space = spaces.Find(space => space.Metadata.Name == egress.Gateway.Metadata.Name)!;
            var report = await ApplyAsync(space, new PlannedObject(egress.Gateway), cancellationToken);
            reports.Add(report);
            if (report.Failures.Count + report.Foreign.Count == 0)
            {
                Remember(egress.Gateway, report);
                if (await WriteStatusAsync(egress, nodes, cancellationToken) is { } failure)
                {
                    reports.Add(new() { Failures = [failure] });
                }
            }
        }

        var kept = planned.Select(egress => egress.Gateway.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        List<PlannedDeletion> surplus =
        [
            .. caches.Egress.Gateways.Store.List()
                .Where(gateway => !kept.Contains(gateway.Metadata.Name) && IsOurs(gateway)
                    && gateway.Metadata.DeletionTimestamp is null && IsUnused(gateway))
                .Select(gateway => new PlannedDeletion(
                    ChildIdentity.For<EgressGateway>(null, gateway.Metadata.Name, gateway.Metadata.Uid))),
        ];
        reports.Add(await DeleteAsync(surplus, cancellationToken));
        return reports;
    }

    /// <summary>
    /// A space has its EgressGateway as long as it holds an address by the built-in provider: after it gave up all of
    /// them, until the last dyno on one is gone.
    /// </summary>
    private List<EgressSpace> SpacesOf(
        List<Space> spaces, List<EgressClaim> claims, Dictionary<string, EgressGateway> stored)
    {
        var held = grants.Known().ToLookup(grant => grant.Space, StringComparer.Ordinal);
        var providers = claims.ToDictionary(claim => claim.Space, claim => claim.Provider, StringComparer.Ordinal);
        return
        [
            .. spaces.Where(space => held.Contains(space.Metadata.Name)
                    && (providers.TryGetValue(space.Metadata.Name, out var provider)
                        ? provider == EgressProvider.Builtin
                        : stored.ContainsKey(space.Metadata.Name)))
                .Select(space => new EgressSpace(space.Metadata.Name, space.Metadata.Uid)
                {
                    Grants = [.. held[space.Metadata.Name]],
                    Exempt = ExemptRanges.FromSpace(space, observer.Cluster, options),
                    Nodes = observer.NodesOf(space.Metadata.Name),
                    HasUnassigned = observer.Unassigned(space.Metadata.Name) > 0,
                }),
        ];
    }

    /// <summary>
    /// Without it, dynos with a fixed IP would leave by the cluster's own addresses, so it outlives its Space until the
    /// last of them is gone.
    /// </summary>
    private bool IsUnused(EgressGateway gateway) =>
        caches.Spaces.Store.Get(ObjectKey.ClusterScoped(gateway.Metadata.Name))
            is { Metadata.DeletionTimestamp: null }
        || observer.InUse(gateway.Spec.Namespace).Count == 0;

    private static bool IsOurs(EgressGateway gateway) =>
        (gateway.Metadata.Labels?.AsReadOnly() ?? new Dictionary<string, string>().AsReadOnly()).AreManaged();

    /// <summary>The objects as this process knows them, by name.</summary>
    private Dictionary<string, EgressGateway> Stored()
    {
        var stored = caches.Egress.Gateways.Store.List()
            .ToDictionary(gateway => gateway.Metadata.Name, StringComparer.Ordinal);
        foreach (var (name, (generation, gateway)) in _written.ToList())
        {
            if (stored.GetValueOrDefault(name)?.Metadata.Generation is { } seen && !(seen <= generation))
            {
                _written.Remove(name);
            }
            else
            {
                stored[name] = gateway;
            }
        }

        return stored;
    }

    private void Remember(EgressGateway gateway, ApplyReport report)
    {
        var seen = caches.Egress.Gateways.Store.Get(ObjectKey.ClusterScoped(gateway.Metadata.Name));
        if (report.Applied.Count > 0
            && (seen is null || KubernetesJson.Serialize(seen.Spec) != KubernetesJson.Serialize(gateway.Spec)))
        {
            _written[gateway.Metadata.Name] = (seen?.Metadata.Generation, gateway);
        }
    }

    /// <summary>Of an object that is in the cache as planned: another one wakes this again.</summary>
    private async Task<ApplyFailure?> WriteStatusAsync(
        PlannedEgress planned, IReadOnlyList<NodeFacts> nodes, CancellationToken cancellationToken)
    {
        var name = planned.Gateway.Metadata.Name;
        if (_written.ContainsKey(name)
            || caches.Egress.Gateways.Store.Get(ObjectKey.ClusterScoped(name)) is not { } gateway)
        {
            return null;
        }

        var status = EgressGatewayStatusBuilder.Build(
            gateway, planned, nodes, observer.Cluster.IsSimulated, options, clock.GetUtcNow());
        var report = await applier.ApplyStatusAsync(
            StatusUpdate.FromStatus(OwnerIdentity.FromObject(Kinds.EgressGateway, gateway), status, gateway.Status),
            cancellationToken);
        return report.Failure;
    }

    private async Task<IReadOnlyList<ApplyReport>> ApplyForeignAsync(
        List<Space> spaces, List<EgressClaim> claims, CancellationToken cancellationToken)
    {
        var reports = new List<ApplyReport>();
        var known = grants.Known().ToDictionary(grant => grant.Address, StringComparer.Ordinal);
        var kept = new HashSet<(ResourceKind, string?, string)>();
        foreach (var claim in claims.Where(claim => EgressProviders.Find(claim.Provider) is not null))
        {
            var space = spaces.Find(space => space.Metadata.Name == claim.Space)!;
            var ips = ClaimedIPs.FromClaim(claim, claim.Space, known, _ => false, observer.Cluster, options);
            var stage = 0;
            List<PlannedObject> objects =
            [
                .. observer.ForeignPlanOf(space, claim.Provider, ips).Objects
                    .Select(part => new PlannedObject(part) { Stage = stage++ }),
            ];
            kept.UnionWith(objects.Select(part => (
                Kinds.For(part.Content), part.Identity.Namespace, part.Identity.Name)));
            reports.Add(await ApplyAsync(space, objects, cancellationToken));
        }

        // What translates goes before what it refers to.
        reports.Add(await DeleteAsync(
            [
                .. caches.Egress.PartsOf()
                    .Where(part => !kept.Contains((part.Live.Kind, part.Live.Key.Namespace, part.Live.Key.Name))
                        && !part.Live.IsTerminating)
                    .Reverse()
                    .Select(part => new PlannedDeletion(ObservedChildren.From(part.Live).Identity)),
            ],
            cancellationToken));
        return reports;
    }

    /// <summary>
    /// No owner reference: a foreground deletion of the Space would take the way out before the dynos.
    /// </summary>
    private Task<ApplyReport> ApplyAsync(
        Space space, PlannedObject planned, CancellationToken cancellationToken) =>
        ApplyAsync(space, [planned], cancellationToken);

    private async Task<ApplyReport> ApplyAsync(
        Space space, IReadOnlyList<PlannedObject> planned, CancellationToken cancellationToken)
    {
        var owner = OwnerIdentity.FromObject(Kinds.Space, space);
        var report = await children.ApplyAsync(
            owner,
            new() { Objects = [.. planned.Select(part => part with { HasOwnerReference = false })] },
            cancellationToken);
        Report(owner, ApplyOutcomes.FromReport(report).Problem);
        return report;
    }

    private void Report(OwnerIdentity owner, Problem? problem)
    {
        _reported.RemoveWhere(known => known.Space == owner.Key.Name && known.Message != problem?.Message);
        if (problem is not null && _reported.Add((owner.Key.Name, problem.Message)))
        {
            events.Record(owner, EventType.Warning, problem.Reason, problem.Message);
        }
    }

    private async Task<ApplyReport> DeleteAsync(
        List<PlannedDeletion> deletions, CancellationToken cancellationToken) => deletions.Count == 0
            ? new()
            : await children.ApplyAsync(
                new OwnerIdentity(Kinds.Space, ObjectKey.ClusterScoped(""), ""),
                new() { Deletions = deletions },
                cancellationToken);
}
