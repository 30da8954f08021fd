// Hosts: claims an app's host names, which one App of the cluster may have at a time.

using System.Collections.Concurrent;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Transport;

namespace Dynospace.Controllers.Hosts;

/// <summary>The result of an app's claims.</summary>
/// <param name="Granted">Its hosts, and the domains that it does not get.</param>
public sealed record ClaimedHosts(GrantedHosts Granted)
{
    /// <summary>Records to delete once the app's status does not serve their hosts.</summary>
    public IReadOnlyList<HostGrant> GivenUp { get; init; } = [];

    public IReadOnlyList<ApplyFailure> Failures { get; init; } = [];

    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>Records which App has which host before any request is routed.</summary>
/// <param name="belongsToSpace">Whether a namespace belongs to a space: Apps of others hold nothing.</param>
public sealed class HostClaims(
    ClusterCaches caches,
    Func<string, bool> belongsToSpace,
    IApiTransport transport,
    PlatformOptions options,
    TimeProvider clock)
{
    private readonly GrantRecords _records = new(transport, options.Cluster.SystemNamespace);

    /// <summary>
    /// Apps whose deletion this process saw. After a restart they are forgotten, and their records expire instead: an
    /// App that was never there may still be on its way from a backup.
    /// </summary>
    private readonly ConcurrentDictionary<ObjectKey, bool> _deleted = new();

    /// <summary>Handles a change of any App.</summary>
    public void OnApp(App? before, App? after)
    {
        var app = (after ?? before)!;
        var key = new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name);
        if (after is null)
        {
            _deleted[key] = true;
        }
        else
        {
            _deleted.TryRemove(key, out _);
        }
    }

    /// <summary>Records the free hosts among those an App claims, and returns which ones it has.</summary>
    public async Task<ClaimedHosts> ClaimAsync(App app, CancellationToken cancellationToken)
    {
        var holder = DomainClaimant.FromApp(app).Holder;
        string[] generated = [GeneratedHost.ForApp(holder.App, holder.Space, options.Router.BaseDomain)];
        if (!belongsToSpace(holder.Space))
        {
            return new(new GrantedHosts(generated, []));
        }

        var domains = (app.Spec.Domains ?? []).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var plan = HostGrantPlanner.Plan(
            app,
            [.. domains.Select(domain => Observe(app, domain))],
            HeldBy(new ObjectKey(holder.Space, holder.App)),
            options.Router.BaseDomain,
            clock.GetUtcNow());
        var failures = new List<ApplyFailure>();
        await _records.MarkAsync(plan.Vacant, clock.GetUtcNow(), failures, cancellationToken);
        await _records.MarkAsync(plan.Reoccupied, null, failures, cancellationToken);
        failures.AddRange(await DeleteAsync(plan.Expired, cancellationToken));

        List<string> held = [.. plan.Held];
        List<LostDomain> lost = [.. plan.Lost];
        foreach (var domain in plan.Claim)
        {
            if (await ClaimAsync(new HostGrant(domain, holder), failures, cancellationToken) is { } refused)
            {
                lost.Add(refused);
            }
            else
            {
                held.Add(domain);
            }
        }

        return new(new GrantedHosts(
            [.. generated.Concat(domains.Where(held.Contains)).Distinct(StringComparer.OrdinalIgnoreCase)],
            [.. lost.OrderBy(domain => domains.IndexOf(domain.Domain))]))
        {
            GivenUp = plan.GivenUp,
            Failures = failures,
            RecheckAfter = plan.RecheckAfter,
        };
    }

    /// <summary>Deletes records. Others may claim their hosts from now on.</summary>
    public async Task<IReadOnlyList<ApplyFailure>> DeleteAsync(
        IEnumerable<HostGrant> grants, CancellationToken cancellationToken)
    {
        var failures = new List<ApplyFailure>();
        foreach (var grant in grants)
        {
            await _records.TryDeleteAsync(grant, failures, cancellationToken);
        }

        return failures;
    }

    /// <summary>
    /// Deletes the records of an App that was deleted. One that is only missing keeps them: it may return from a
    /// backup.
    /// </summary>
    public async Task<IReadOnlyList<ApplyFailure>> ReleaseAsync(ObjectKey app, CancellationToken cancellationToken)
    {
        var isDeleted = _deleted.ContainsKey(app) || caches.Apps.Store.Get(app)?.Metadata.DeletionTimestamp is not null;
        var failures = isDeleted ? await DeleteAsync(HeldBy(app), cancellationToken) : [];
        if (failures.Count == 0)
        {
            _deleted.TryRemove(app, out _);
        }

        return failures;
    }

    private ObservedDomain Observe(App app, string domain)
    {
        var grant = caches.HostGrants.Store.Get(_records.KeyOf(HostGrant.NameOf(domain)));
        var rivals = caches.Apps.Store.ByIndex(Indexes.Domain, domain)
            .Where(rival => rival.Metadata.Uid != app.Metadata.Uid && MayHold(rival))
            .Select(
                rival =>
                    (DomainClaimant.FromApp(
                        rival), rival.Status?.Hosts?.Contains(domain, StringComparer.OrdinalIgnoreCase) == true));
        var holder = grant is null ? null : caches.Apps.Store.Get(new ObjectKey(grant.Holder.Space, grant.Holder.App));
        return new(domain, grant, holder is not null && MayHold(holder), [.. rivals]);
    }

    /// <summary>Apps whose namespace belongs to no space, or that are being deleted, hold nothing.</summary>
    private bool MayHold(App app) =>
        app.Metadata.DeletionTimestamp is null && belongsToSpace(app.Metadata.NamespaceProperty);

    private IReadOnlyCollection<HostGrant> HeldBy(ObjectKey app) =>
        caches.HostGrants.Store.ByIndex(Indexes.App, ClusterCaches.Joined(app.Namespace, app.Name));

    /// <returns>Null if the grant is recorded, otherwise who has the host or why it could not be recorded.</returns>
    private async Task<LostDomain?> ClaimAsync(
        HostGrant grant, List<ApplyFailure> failures, CancellationToken cancellationToken)
    {
        try
        {
            await _records.CreateAsync(grant, cancellationToken);
            return null;
        }
        catch (ApiException e) when (e.Reason == "AlreadyExists")
        {
            return await ReadHolderAsync(grant, failures, cancellationToken);
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            return Failed(grant, e, failures);
        }
    }

    private async Task<LostDomain?> ReadHolderAsync(
        HostGrant grant, List<ApplyFailure> failures, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _records.ReadAsync(grant, cancellationToken);
            return HostGrant.FromConfigMap(found) switch
            {
                { } recorded when recorded.Holder == grant.Holder => null,
                { } recorded => new(grant.Host, recorded.Holder, IsReserved: false),
                null => new(grant.Host, null, IsReserved: false)
                {
                    Failure = $"ConfigMap {found.Metadata.Name} exists and is not a record of {grant.Host}: delete it.",
                },
            };
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            return Failed(grant, e, failures);
        }
    }

    private LostDomain Failed(HostGrant grant, Exception exception, List<ApplyFailure> failures)
    {
        var failure = _records.Describe(grant, exception);
        failures.Add(failure);
        return new(grant.Host, null, IsReserved: false) { Failure = failure.Message };
    }
}
