using System.Net;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Planning.Grants;
using Dynospace.Planning.Hosts;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Hosts;

/// <summary>
/// Who has a host, over restarts, restores and races. Each reconcile has caches of its own, so that it starts as a new
/// process does.
/// </summary>
public sealed class HostClaimsTests
{
    private const string Host = "shop.example.com";
    private const string Other = "bank";
    private static readonly DateTime Now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly ReconcileWorld _world = new() { Clock = new StoppedClock(Now) };

    public HostClaimsTests() => _world.PutSpace(Other);

    [Fact]
    public async Task An_older_app_of_another_space_does_not_take_a_host_that_is_served()
    {
        await PutAsync(ReconcileWorld.Space, created: Now);
        await PutAsync(Other, created: Now.AddYears(-1));

        Assert.True(await HasAsync(ReconcileWorld.Space));
        Assert.False(await HasAsync(Other));
        var refused = await RoutedAsync(Other);
        Assert.Equal(Reasons.DomainTaken, refused.Reason);
        Assert.DoesNotContain(
            ReconcileWorld.Space,
            refused.Message.Replace($"{Other}.", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_holder_is_recorded_before_it_is_served_and_the_record_goes_after_that()
    {
        await PutAsync(ReconcileWorld.Space, created: Now);
        Assert.Equal("create ConfigMap dynospace-system/" + HostGrant.NameOf(Host), _world.Api.Writes[0]);
        _world.Api.Forget();

        await PutAsync(ReconcileWorld.Space, created: Now, domains: []);

        Assert.Equal(
            [
                "apply App acme/shop",
                "status App acme/shop",
                "delete ConfigMap dynospace-system/" + HostGrant.NameOf(Host),
            ],
            _world.Api.Writes);
        await PutAsync(Other, created: Now);
        Assert.True(await HasAsync(Other));
    }

    [Fact]
    public async Task Hosts_that_were_served_before_grants_were_recorded_stay_in_any_order_of_reconciles()
    {
        await PutAsync(Other, created: Now.AddYears(-1), domains: [Host], served: false, reconcile: false);
        await PutAsync(ReconcileWorld.Space, created: Now, served: true, reconcile: false);

        await ReconcileAsync(Other);
        await ReconcileAsync(ReconcileWorld.Space);
        await ReconcileAsync(Other);

        Assert.True(await HasAsync(ReconcileWorld.Space));
        Assert.False(await HasAsync(Other));
    }

    [Fact]
    public async Task After_a_restore_the_first_holder_has_its_host_in_any_order_of_reconciles()
    {
        await PutAsync(ReconcileWorld.Space, created: Now);
        await LoseAsync(ReconcileWorld.Space);

        // The other App is restored first. All have new uids and times of creation, and no status.
        await PutAsync(Other, created: Now.AddMinutes(1));
        Assert.False(await HasAsync(Other));
        await PutAsync(ReconcileWorld.Space, created: Now.AddMinutes(2), uid: "uid-restored");
        await ReconcileAsync(Other);

        Assert.True(await HasAsync(ReconcileWorld.Space));
        Assert.False(await HasAsync(Other));
    }

    [Fact]
    public async Task The_host_of_an_app_that_does_not_return_is_free_after_the_grace()
    {
        await PutAsync(ReconcileWorld.Space, created: Now);
        await _world.Api.Transport.DeleteAsync(Kinds.App, Key(ReconcileWorld.Space), new(), Token);
        await PutAsync(Other, created: Now);
        Assert.False(await HasAsync(Other));

        _world.Clock = new StoppedClock(Now + Grant.Grace);
        await ReconcileAsync(Other);

        Assert.True(await HasAsync(Other));
    }

    [Fact]
    public async Task Of_two_claims_that_do_not_see_each_other_one_wins()
    {
        // The cache of the second claim is as old as its list: it does not hold the record that the first one made
        // since.
        await PutAsync(Other, created: Now);
        await PutAsync(ReconcileWorld.Space, created: Now.AddYears(-1), reconcile: false);
        var record = _world.Api.Live(Kinds.ConfigMap, RecordKey)!;
        await _world.Api.Transport.DeleteAsync(Kinds.ConfigMap, RecordKey, new(), Token);
        await ReconcileAsync(ReconcileWorld.Space);
        await ReconcileAsync(Other);

        Assert.NotNull(record);
        Assert.NotEqual(await HasAsync(ReconcileWorld.Space), await HasAsync(Other));
    }

    [Fact]
    public async Task A_host_that_cannot_be_recorded_is_not_served_and_stops_nothing_else()
    {
        _world.Api.RefuseWrites("ConfigMap", HttpStatusCode.InternalServerError, "InternalError");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => PutAsync(ReconcileWorld.Space, created: Now));

        Assert.False(await HasAsync(ReconcileWorld.Space));
        Assert.Equal(Reasons.ApplyFailed, (await RoutedAsync(ReconcileWorld.Space)).Reason);
        Assert.Contains("apply Dyno acme/shop.web.1", _world.Api.Writes);
    }

    [Fact]
    public async Task An_app_without_a_web_process_says_that_its_domain_is_refused()
    {
        await PutAsync(Other, created: Now);
        var worker = App(ReconcileWorld.Space, Now, [Host], "uid-shop");
        worker.Spec.Processes = [new() { Type = "worker" }];
        _world.Put(worker);

        await ReconcileAsync(ReconcileWorld.Space);

        var routed = await RoutedAsync(ReconcileWorld.Space);
        Assert.Equal(Reasons.DomainTaken, routed.Reason);
        Assert.Contains("no process of type web", routed.Message, StringComparison.Ordinal);
        Assert.Contains(Host, routed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_steady_app_writes_nothing()
    {
        await PutAsync(ReconcileWorld.Space, created: Now);
        await ReconcileAsync(ReconcileWorld.Space);
        _world.Api.Forget();

        await ReconcileAsync(ReconcileWorld.Space);

        Assert.Empty(_world.Api.Writes);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ObjectKey RecordKey => new("dynospace-system", HostGrant.NameOf(Host));

    private static ObjectKey Key(string space) => new(space, "shop");

    private static App App(string space, DateTime created, string[] domains, string uid)
    {
        var app = ReconcileWorld.App("shop", ("web", 1));
        (app.Metadata.NamespaceProperty, app.Metadata.Uid, app.Metadata.CreationTimestamp) = (space, uid, created);
        app.Spec.Domains = domains;
        return app;
    }

    private async Task PutAsync(
        string space,
        DateTime created,
        string[]? domains = null,
        bool served = false,
        bool reconcile = true,
        string? uid = null)
    {
        var app = App(space, created, domains ?? [Host], uid ?? $"uid-{space}");
        if (served)
        {
            app.Status = new() { Hosts = [Host] };
        }

        _world.Put(app);
        if (reconcile)
        {
            await ReconcileAsync(space);
        }
    }

    /// <summary>The App and all that it was made of.</summary>
    private async Task LoseAsync(string space)
    {
        var made = new (ResourceKind Kind, string Name)[]
        {
            (Kinds.App, "shop"),
            (Kinds.ControllerRevision, "shop-r1"),
            (Kinds.Service, "shop"),
            (Kinds.Service, "shop--web"),
            (Kinds.Dyno, "shop.web.1"),
        };
        foreach (var (kind, name) in made)
        {
            await _world.Api.Transport.DeleteAsync(kind, new ObjectKey(space, name), new(), Token);
        }
    }

    private Task<ReconcileResult> ReconcileAsync(string space) => _world.ReconcileAppAsync(space: space);

    private async Task<AppStatus?> StatusAsync(string space) =>
        JsonObjects.To<App>(await _world.Api.Transport.GetAsync(Kinds.App, Key(space), Token)).Status;

    private async Task<bool> HasAsync(string space) => (await StatusAsync(space))?.Hosts?.Contains(Host) == true;

    private async Task<V1Condition> RoutedAsync(string space) =>
        Conditions.Find((await StatusAsync(space))?.Conditions, ConditionTypes.Routed)!;

    private sealed class StoppedClock(DateTime now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
