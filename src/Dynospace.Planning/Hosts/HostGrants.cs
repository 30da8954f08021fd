// Hosts: host names of apps, and the App that gets one if several claim it.

using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Planning.Grants;
using k8s.Models;

namespace Dynospace.Planning.Hosts;

/// <summary>The record that a host is granted to an App.</summary>
/// <param name="Host">The host.</param>
/// <param name="Holder">The App that it is granted to.</param>
public sealed record HostGrant(string Host, HostHolder Holder) : Grant
{
    private const string HostKey = "host";
    private const string SpaceKey = "space";
    private const string AppKey = "app";

    /// <inheritdoc/>
    public override string Name => NameOf(Host);

    /// <inheritdoc/>
    protected override string Component => ComponentValues.HostGrant;

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> HolderLabels =>
        new Dictionary<string, string> { [Labels.Space] = Holder.Space, [Labels.App] = Holder.App };

    /// <inheritdoc/>
    protected override IDictionary<string, string> Data => new Dictionary<string, string>
    {
        [HostKey] = Host,
        [SpaceKey] = Holder.Space,
        [AppKey] = Holder.App,
    };

    /// <summary>The name of the ConfigMap of a host. It is a hash, since a host can be longer than a label.</summary>
    public static string NameOf(string host) => $"host-{new StableHash().Add(host).ToHex()}";

    /// <summary>Reads a ConfigMap; null if it is not a grant.</summary>
    public static HostGrant? FromConfigMap(V1ConfigMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return map.Data is { } data
            && data.TryGetValue(HostKey, out var host)
            && data.TryGetValue(SpaceKey, out var space)
            && data.TryGetValue(AppKey, out var app)
            && map.Metadata.Name == NameOf(host)
            ? new(host, new(space, app)) { Uid = map.Metadata.Uid, VacantSince = VacancyOf(map) }
            : null;
    }
}

/// <summary>The observed state of one of an app's domains.</summary>
/// <param name="Domain">The domain.</param>
/// <param name="Grant">Its grant; null for none.</param>
/// <param name="HolderExists">Whether the App of the grant exists and may hold hosts.</param>
/// <param name="Rivals">
/// The other Apps that claim the domain and may hold it, and whether the status of each serves it.
/// </param>
public sealed record ObservedDomain(
    string Domain, HostGrant? Grant, bool HolderExists, IReadOnlyList<(DomainClaimant Claimant, bool IsServed)> Rivals);

/// <summary>The changes of grants for an app's domains.</summary>
public sealed record HostGrantPlan
{
    /// <summary>The domains that are granted to the app already.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>The domains to record for the app. The first App to record a domain has it.</summary>
    public IReadOnlyList<string> Claim { get; init; } = [];

    /// <summary>Records to delete first, since their holder has been missing for too long.</summary>
    public IReadOnlyList<HostGrant> Expired { get; init; } = [];

    /// <summary>Records to mark as vacant, since their holder is now missing.</summary>
    public IReadOnlyList<HostGrant> Vacant { get; init; } = [];

    /// <summary>Records of the app that were marked as vacant before it came back.</summary>
    public IReadOnlyList<HostGrant> Reoccupied { get; init; } = [];

    /// <summary>
    /// Records of the app for domains that its spec no longer names. They are deleted once its status no longer serves
    /// them.
    /// </summary>
    public IReadOnlyList<HostGrant> GivenUp { get; init; } = [];

    /// <summary>The domains that the app does not get.</summary>
    public IReadOnlyList<LostDomain> Lost { get; init; } = [];

    /// <summary>When a vacant record expires; null for none.</summary>
    public TimeSpan? RecheckAfter { get; init; }
}

/// <summary>
/// Assigns hosts to Apps. The first App keeps a host until it gives it up, by removing the domain or by being deleted.
/// </summary>
public static class HostGrantPlanner
{
    /// <param name="app">The App.</param>
    /// <param name="domains">The observed state of each domain of its spec.</param>
    /// <param name="held">All records that name the App.</param>
    /// <param name="baseDomain">The base domain. Specs cannot claim names under it.</param>
    /// <param name="now">The current time.</param>
    public static HostGrantPlan Plan(
        App app,
        IReadOnlyList<ObservedDomain> domains,
        IReadOnlyCollection<HostGrant> held,
        string baseDomain,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(domains);
        var claimant = DomainClaimant.FromApp(app);
        var served = app.Status?.Hosts ?? [];
        var plan = domains.Aggregate(
            new HostGrantPlan(), (plan, domain) => GeneratedHost.IsUnder(domain.Domain, baseDomain)
                ? plan with { Lost = [.. plan.Lost, new(domain.Domain, null, IsReserved: true)] }
                : PlanDomain(
                    plan, claimant, domain, served.Contains(domain.Domain, StringComparer.OrdinalIgnoreCase), now));
        return plan with
        {
            GivenUp = [.. held.Where(grant => domains.All(domain => domain.Domain != grant.Host))],
            Reoccupied = [.. held.Where(grant => grant.VacantSince is not null)],
        };
    }

    private static HostGrantPlan PlanDomain(
        HostGrantPlan plan, DomainClaimant claimant, ObservedDomain domain, bool isServed, DateTimeOffset now)
    {
        if (domain.Grant is not { } grant)
        {
            return FirstOf(claimant, domain, isServed) is { } first
                ? plan with { Lost = [.. plan.Lost, new(domain.Domain, first, IsReserved: false)] }
                : plan with { Claim = [.. plan.Claim, domain.Domain] };
        }

        if (grant.Holder == claimant.Holder)
        {
            return plan with { Held = [.. plan.Held, domain.Domain] };
        }

        var lost = plan with { Lost = [.. plan.Lost, new(domain.Domain, grant.Holder, IsReserved: false)] };
        if (domain.HolderExists)
        {
            return lost;
        }

        var remaining = grant.Remaining(now);
        return remaining <= TimeSpan.Zero
            ? plan with { Expired = [.. plan.Expired, grant], Claim = [.. plan.Claim, domain.Domain] }
            : lost with
            {
                Lost = [.. plan.Lost, lost.Lost[^1] with { FreeAt = now + remaining }],
                Vacant = grant.VacantSince is null ? [.. plan.Vacant, grant] : plan.Vacant,
                RecheckAfter = Sooner(plan.RecheckAfter, remaining),
            };
    }

    /// <summary>
    /// The App that comes before this one if there is no record: one that served the host before grants were recorded,
    /// else the older claimant. It records its claim itself.
    /// </summary>
    private static HostHolder? FirstOf(DomainClaimant claimant, ObservedDomain domain, bool isServed) => domain.Rivals
        .Append((Claimant: claimant, IsServed: isServed))
        .OrderByDescending(rival => rival.IsServed)
        .ThenBy(rival => rival.Claimant.Age, ClaimAge.Order)
        .First().Claimant.Holder is var first && first != claimant.Holder ? first : null;

    private static TimeSpan Sooner(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;
}
