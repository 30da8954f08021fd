using System.Net;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Apps;

/// <summary>
/// What an App's reconcile writes, in which order, and what it leaves undone when a write is refused.
/// </summary>
public sealed class AppReconcilerTests
{
    private readonly ReconcileWorld _world = new();

    [Fact]
    public async Task A_new_app_is_its_release_then_its_formation_then_its_status()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));

        await _world.ReconcileAppAsync();

        Assert.Equal(
            [
                "create ControllerRevision acme/shop-r1",
                "apply Service acme/shop",
                "apply Service acme/shop--web",
                "apply PodDisruptionBudget acme/shop--web",
                "apply Dyno acme/shop.web.1",
                "apply Dyno acme/shop.web.2",
                "apply App acme/shop",
                "status App acme/shop",
            ],
            _world.Api.Writes);
        Assert.Equal([Reasons.DynoCreated.Name], _world.Events.Where(reason => reason == Reasons.DynoCreated));
    }

    [Fact]
    public async Task A_release_with_secrets_keeps_their_values_before_any_dyno()
    {
        PutSecret("first");
        PutApp();

        await _world.ReconcileAppAsync();

        Assert.Equal(
            ["create Secret acme/shop-r1", "create ControllerRevision acme/shop-r1"], _world.Api.Writes.Take(2));
        Assert.Equal("first", await KeptAsync("shop-r1"));
        Assert.DoesNotContain(
            "first",
            _world.Api.Details.Single(
                write => write.Reference.Kind.Kind == "ControllerRevision").Content!.ToJsonString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_is_not_what_was_observed_is_waited_for()
    {
        PutSecret("first");
        PutApp();

        var result = await _world.ReconcileAppAsync(() => PutSecret("second"));

        Assert.Empty(_world.Api.Writes);
        Assert.NotNull(result.RecheckAfter);
    }

    [Fact]
    public async Task A_secret_that_is_another_persons_is_left_alone_and_holds_nothing_up()
    {
        PutSecret("first");
        PutApp();
        PutSecret("mine", "shop-r1");

        await _world.ReconcileAppAsync();

        Assert.Equal("mine", await KeptAsync("shop-r1"));
        var created = _world.Api.Writes[0].Split('/')[1];
        Assert.StartsWith("shop-r1-", created, StringComparison.Ordinal);
        Assert.Equal("first", await KeptAsync(created));
        Assert.NotNull(await _world.GetAsync<Dyno>("shop.web.1"));
    }

    [Fact]
    public async Task A_namesake_that_comes_at_the_last_moment_costs_one_more_try()
    {
        PutSecret("first");
        PutApp();

        await RefusedAsync(() => PutSecret("mine", "shop-r1"));
        Assert.DoesNotContain(
            _world.Api.Writes, write => write.Contains("ControllerRevision", StringComparison.Ordinal));
        await _world.ReconcileAppAsync();

        Assert.Equal("mine", await KeptAsync("shop-r1"));
        Assert.NotNull(await _world.GetAsync<Dyno>("shop.web.1"));
    }

    [Fact]
    public async Task An_app_that_a_finalizer_keeps_ends_its_dynos_and_says_so()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 1)));
        await _world.ReconcileAppAsync();
        var app = await _world.GetAsync<App>("shop");
        app.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        app.Metadata.Finalizers = ["tenant.example/hold"];
        _world.Put(app);
        _world.Api.Forget();

        await _world.ReconcileAppAsync();

        Assert.Equal(["delete Dyno acme/shop.web.1", "status App acme/shop"], _world.Api.Writes);
        var left = await _world.GetAsync<App>("shop");
        Assert.Null(left.Status!.Hosts);
        Assert.Contains("tenant.example/hold", (await ReadyAsync()).Message, StringComparison.Ordinal);
        _world.Api.Forget();
        await _world.ReconcileAppAsync();
        await _world.ReconcileAppAsync();
        Assert.InRange(_world.Api.Writes.Count, 0, 1);
    }

    [Fact]
    public async Task The_quantity_of_web_is_repeated_in_replicas_and_follows_git()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        await _world.ReconcileAppAsync();
        Assert.Equal(2, (await _world.GetAsync<App>("shop")).Spec.Replicas);
        var app = await _world.GetAsync<App>("shop");
        app.Spec.Processes![0].Quantity = 3;
        _world.Put(app);

        await _world.ReconcileAppAsync();

        Assert.Equal(3, (await _world.GetAsync<App>("shop")).Spec.Replicas);
        Assert.NotNull(await _world.GetAsync<Dyno>("shop.web.3"));
    }

    [Fact]
    public async Task Replicas_that_another_has_meanwhile_are_left_alone()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        _world.Api.RefuseWrites("apply App", HttpStatusCode.Conflict, "Conflict");

        await _world.ReconcileAppAsync();

        Assert.Equal("status App acme/shop", _world.Api.Writes[^1]);
        Assert.Null((await _world.GetAsync<App>("shop")).Spec.Replicas);
    }

    [Fact]
    public async Task Replicas_that_cannot_be_written_hold_up_nothing_and_are_tried_again()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        _world.Api.RefuseWrites("apply App");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => _world.ReconcileAppAsync());

        Assert.Equal("status App acme/shop", _world.Api.Writes[^1]);
        Assert.NotNull(await _world.GetAsync<Dyno>("shop.web.2"));
    }

    [Fact]
    public async Task Replicas_that_a_backup_brought_back_are_removed_and_follow_git()
    {
        var app = ReconcileWorld.App("shop", ("web", 3));
        app.Spec.Replicas = 2;
        app.Metadata.Annotations = new Dictionary<string, string> { [Annotations.MirroredReplicas] = "true" };
        _world.Put(app);

        await _world.ReconcileAppAsync();
        Assert.Null((await _world.GetAsync<App>("shop")).Spec.Replicas);
        await _world.ReconcileAppAsync();

        Assert.Equal(3, (await _world.GetAsync<App>("shop")).Spec.Replicas);
    }

    [Fact]
    public async Task Reconciled_again_it_writes_nothing()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        await _world.ReconcileAppAsync();
        await _world.ReconcileAppAsync();
        _world.Api.Forget();

        await _world.ReconcileAppAsync();

        Assert.Empty(_world.Api.Writes);
    }

    [Fact]
    public async Task Without_its_release_no_dyno_is_made()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        _world.Api.RefuseWrite(1, HttpStatusCode.ServiceUnavailable, "ServiceUnavailable");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => _world.ReconcileAppAsync());

        Assert.Equal(
            ["create ControllerRevision acme/shop-r1", "apply App acme/shop", "status App acme/shop"],
            _world.Api.Writes);
    }

    [Fact]
    public async Task A_refused_third_write_holds_up_no_other_and_is_reported()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        _world.Api.RefuseWrite(3);

        await RefusedAsync();

        Assert.Equal(
            [
                "apply PodDisruptionBudget acme/shop--web",
                "apply Dyno acme/shop.web.1",
                "apply Dyno acme/shop.web.2",
                "apply App acme/shop",
                "status App acme/shop",
            ],
            _world.Api.Writes.Skip(3));
        Assert.Contains("Service acme/shop--web", (await ReadyAsync()).Message, StringComparison.Ordinal);
    }

    /// <summary>Nothing but the budget is missing, so the app is well.</summary>
    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "Forbidden")]
    [InlineData(HttpStatusCode.UnprocessableEntity, "Invalid")]
    public async Task A_budget_that_the_API_server_refuses_is_a_warning_and_no_more(HttpStatusCode code, string reason)
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        _world.Api.RefuseWrites("PodDisruptionBudget", code, reason);

        await RefusedAsync();

        var accepted = await ConditionAsync(ConditionTypes.Accepted);
        Assert.Equal(("True", Reasons.DisruptionBudgetMissing.Name), (accepted.Status, accepted.Reason));
        Assert.Contains("PodDisruptionBudget acme/shop--web", accepted.Message, StringComparison.Ordinal);
        Assert.Equal("True", (await ConditionAsync(ConditionTypes.Released)).Status);
        Assert.Equal(Reasons.Progressing.Name, (await ReadyAsync()).Reason);
        Assert.NotNull(await _world.GetAsync<Dyno>("shop.web.2"));

        _world.Api.RefuseNothing();
        await _world.ReconcileAppAsync();

        Assert.Equal(Reasons.Accepted.Name, (await ConditionAsync(ConditionTypes.Accepted)).Reason);
    }

    [Fact]
    public async Task Deletions_come_last_and_not_after_a_refusal()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 1), ("worker", 2)));
        await _world.ReconcileAppAsync();
        var stored = await _world.GetAsync<App>("shop");
        stored.Spec.Processes = [new() { Type = "web", Quantity = 2 }, new() { Type = "worker", Quantity = 1 }];
        stored.Metadata.Generation = 2;
        _world.Put(stored);
        _world.Api.Forget();
        _world.Api.RefuseWrites("shop.web.2");

        await RefusedAsync();

        Assert.Equal(
            ["apply Dyno acme/shop.web.2", "apply App acme/shop", "status App acme/shop"], _world.Api.Writes);

        _world.Api.RefuseNothing().Forget();
        await _world.ReconcileAppAsync();

        Assert.Equal(
            ["apply Dyno acme/shop.web.2", "delete Dyno acme/shop.worker.2", "status App acme/shop"],
            _world.Api.Writes);
    }

    [Fact]
    public async Task A_release_that_dynos_name_and_the_cache_lacks_is_looked_for_before_another_is_made()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 1)));
        await _world.ReconcileAppAsync();
        var stored = await _world.GetAsync<App>("shop");
        stored.Spec.Image = "registry.example/shop:2";
        stored.Status!.Release = 2;
        _world.Put(stored);
        _world.Put(new V1ControllerRevision
        {
            ApiVersion = "apps/v1",
            Kind = "ControllerRevision",
            Metadata = new() { Name = "shop-r2", NamespaceProperty = ReconcileWorld.Space },
            Revision = 2,
        });
        _world.Api.Forget();

        var result = await _world.ReconcileAppAsync();

        Assert.Empty(_world.Api.Writes);
        Assert.NotNull(result.RecheckAfter);
    }

    [Fact]
    public async Task A_changed_label_of_a_dyno_is_put_back_with_an_event()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 2)));
        await _world.ReconcileAppAsync();
        await _world.ReconcileAppAsync();
        var dyno = await _world.GetAsync<Dyno>("shop.web.2");
        dyno.Metadata.Labels["dynospace.dev/process-type"] = "worker";
        dyno.Metadata.Labels.Remove("dynospace.dev/app");
        _world.Put(dyno);
        _world.Api.Forget();

        await _world.ReconcileAppAsync();

        Assert.Equal(["apply Dyno acme/shop.web.2"], _world.Api.Writes);
        Assert.Contains(Reasons.Restored.Name, _world.Events);
        Assert.Equal("web", (await _world.GetAsync<Dyno>("shop.web.2")).Metadata.Labels["dynospace.dev/process-type"]);
    }

    [Fact]
    public async Task Restored_from_a_backup_its_children_are_taken_over_and_its_release_is_kept()
    {
        await RestoreAsync();

        await _world.ReconcileAppAsync();

        Assert.Equal(
            [
                "apply ControllerRevision acme/shop-r1",
                "apply Service acme/shop",
                "apply Service acme/shop--web",
                "apply PodDisruptionBudget acme/shop--web",
                "apply Dyno acme/shop.web.1",
                "apply App acme/shop",
                "status App acme/shop",
            ],
            _world.Api.Writes);
        var dyno = await _world.GetAsync<Dyno>("shop.web.1");
        Assert.Equal("uid-restored", Assert.Single(dyno.Metadata.OwnerReferences).Uid);
        Assert.Equal(1, dyno.Spec.Release);
    }

    [Fact]
    public async Task A_restored_release_whose_hash_does_not_verify_is_not_trusted()
    {
        await RestoreAsync(image: "registry.example/forged:1");

        await _world.ReconcileAppAsync();

        Assert.Equal(
            ["delete ControllerRevision acme/shop-r1", "create ControllerRevision acme/shop-r2"],
            _world.Api.Writes.Take(2));
    }

    /// <summary>As a backup brings it back: other uids, no owner references, no status.</summary>
    private async Task RestoreAsync(string? image = null)
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 1)));
        await _world.ReconcileAppAsync();
        foreach (var write in _world.Api.Details.Where(write => write.Verb is "apply" or "create").ToList())
        {
            var content =
                await _world.Api.Transport.GetAsync(
                    write.Reference.Kind, write.Reference.Key, TestContext.Current.CancellationToken);
            content["metadata"]!.AsObject().Remove("ownerReferences");
            if (image is not null && content["data"] is { } data)
            {
                data["image"] = image;
            }

            _world.Api.Put(write.Reference.Kind, content);
        }

        var app = ReconcileWorld.App("shop", ("web", 1));
        await _world.Api.Transport.DeleteAsync(
            ResourceKind.For<App>(),
            new ObjectKey(ReconcileWorld.Space, "shop"),
            new DeleteQuery(),
            TestContext.Current.CancellationToken);
        app.Metadata.Uid = "uid-restored";
        _world.Put(app);
        _world.Api.Forget();
    }

    /// <summary>A refusal may be tried again with back-off or wait for a recheck; the writes are the same.</summary>
    private async Task RefusedAsync(Action? late = null)
    {
        try
        {
            await _world.ReconcileAppAsync(late);
        }
        catch (RetryableReconcileException)
        {
            // Tried again by the queue.
        }
    }

    private void PutApp()
    {
        var app = ReconcileWorld.App("shop", ("web", 1));
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "config" } }];
        _world.Put(app);
    }

    private void PutSecret(string value, string name = "config") => _world.Put(new V1Secret
    {
        ApiVersion = "v1",
        Kind = "Secret",
        Metadata = new() { Name = name, NamespaceProperty = ReconcileWorld.Space },
        Data = new Dictionary<string, byte[]> { ["TOKEN"] = System.Text.Encoding.UTF8.GetBytes(value) },
    });

    private async Task<string> KeptAsync(string name) =>
        System.Text.Encoding.UTF8.GetString((await _world.GetAsync<V1Secret>(name)).Data["TOKEN"]);

    private Task<V1Condition> ReadyAsync() => ConditionAsync(ConditionTypes.Ready);

    private async Task<V1Condition> ConditionAsync(string type)
    {
        var app = await _world.GetAsync<App>("shop");
        return app.Status!.Conditions!.Single(condition => condition.Type == type);
    }
}
