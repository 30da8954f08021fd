using System.Net;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Tests.Support;
using Dynospace.Runtime.Control;
using k8s.Models;
using Xunit;

namespace Dynospace.Controllers.Tests.Dynos;

/// <summary>
/// What a Dyno's reconcile writes, in which order, and what it leaves undone when a write is refused.
/// </summary>
public sealed class DynoReconcilerTests
{
    private readonly ReconcileWorld _world = new();

    [Fact]
    public async Task A_new_dyno_is_a_pod_and_the_pods_arrival_brings_its_status()
    {
        await MakeAsync();

        await _world.ReconcileDynoAsync("shop.web.1");
        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(["create Pod", "status Dyno acme/shop.web.1"], Shortened());
    }

    [Fact]
    public async Task Changed_labels_of_its_pod_are_put_back_with_an_event()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await _world.ReconcileDynoAsync("shop.web.1");
        var name = (await _world.GetAsync<Dyno>("shop.web.1")).Status!.Pod!;
        var pod = await _world.GetAsync<V1Pod>(name);
        pod.Metadata.Labels.Remove(Labels.ProcessType);
        pod.Metadata.Labels.Remove(Labels.Dyno);
        pod.Metadata.Labels[Labels.Space] = "rival";
        pod.Metadata.Labels[Labels.Component] = ComponentValues.RouterPublic;
        pod.Metadata.Labels["team"] = "a";
        _world.Put(pod);
        _world.Api.Forget();

        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(["patch Pod"], Shortened());
        var labels = (await _world.GetAsync<V1Pod>(name)).Metadata.Labels;
        Assert.Equal(
            ("web", "shop.web.1", "acme", "a"),
            (labels[Labels.ProcessType], labels[Labels.Dyno], labels[Labels.Space], labels["team"]));
        Assert.DoesNotContain(Labels.Component, labels.Keys);
        Assert.Contains(Reasons.Restored.Name, _world.Events);
        _world.Api.Forget();
        await _world.ReconcileDynoAsync("shop.web.1");
        Assert.Empty(_world.Api.Writes);
    }

    [Fact]
    public async Task Labels_that_another_keeps_changing_are_put_back_at_a_slow_pace()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await _world.ReconcileDynoAsync("shop.web.1");
        var name = (await _world.GetAsync<Dyno>("shop.web.1")).Status!.Pod!;
        _world.Api.Forget();
        for (var i = 0; i < 5; i++)
        {
            var pod = await _world.GetAsync<V1Pod>(name);
            pod.Metadata.Labels[Labels.ProcessType] = "worker";
            _world.Put(pod);
            try
            {
                await _world.ReconcileDynoAsync("shop.web.1");
            }
            catch (RetryableReconcileException)
            {
                // Tried again by the queue.
            }
        }

        Assert.Single(_world.Api.Writes, write => write.StartsWith("patch Pod", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dyno_that_a_finalizer_keeps_says_that_it_is_stopped()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await _world.ReconcileDynoAsync("shop.web.1");
        var dyno = await _world.GetAsync<Dyno>("shop.web.1");
        dyno.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        dyno.Metadata.Finalizers = ["tenant.example/hold"];
        _world.Put(dyno);

        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(DynoState.Stopping, (await _world.GetAsync<Dyno>("shop.web.1")).Status!.State);
    }

    [Fact]
    public async Task Another_size_is_a_new_pod_and_then_the_end_of_the_old_one()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await ResizeAsync();
        _world.Api.Forget();

        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(["create Pod", "delete Pod"], Shortened());
    }

    [Fact]
    public async Task A_new_pod_that_is_refused_does_not_cost_the_old_one()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await ResizeAsync();
        _world.Api.Forget();
        _world.Api.RefuseWrite(1, HttpStatusCode.ServiceUnavailable, "ServiceUnavailable");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => _world.ReconcileDynoAsync("shop.web.1"));

        Assert.Equal(["create Pod", "status Dyno acme/shop.web.1"], Shortened());
    }

    [Fact]
    public async Task Where_a_quota_leaves_no_room_for_two_pods_the_old_one_goes_first()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        await ResizeAsync();
        _world.Api.Forget();
        _world.Api.RefuseWrites(
            "create Pod", HttpStatusCode.Forbidden, "Forbidden", "exceeded quota: pods, used: pods=1, limited: pods=1");

        await RefusedAsync();

        Assert.Equal(["create Pod", "delete Pod", "status Dyno acme/shop.web.1"], Shortened());

        _world.Api.RefuseNothing().Forget();
        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(["create Pod"], Shortened());
    }

    [Fact]
    public async Task A_refused_status_is_tried_again_and_costs_no_pod()
    {
        await MakeAsync();
        await _world.ReconcileDynoAsync("shop.web.1");
        _world.Api.Forget();
        _world.Api.RefuseWrite(1, HttpStatusCode.ServiceUnavailable, "ServiceUnavailable");

        await Assert.ThrowsAsync<RetryableReconcileException>(() => _world.ReconcileDynoAsync("shop.web.1"));
        await _world.ReconcileDynoAsync("shop.web.1");

        Assert.Equal(["status Dyno acme/shop.web.1", "status Dyno acme/shop.web.1"], Shortened());
    }

    [Fact]
    public async Task A_one_off_reads_itself_before_it_runs()
    {
        await MakeAsync();
        var run = _world.Put(new Dyno
        {
            Metadata = new() { Name = "shop.run.1", NamespaceProperty = ReconcileWorld.Space, Generation = 1 },
            Spec = new() { App = "shop", ProcessType = ProcessTypes.Run, Index = 1, Release = 1 },
        });

        await _world.ReconcileDynoAsync(run.Metadata.Name);

        Assert.Equal(["create Pod"], Shortened());
    }

    /// <summary>A refusal may be tried again with back-off or wait for a recheck; the writes are the same.</summary>
    private async Task RefusedAsync()
    {
        try
        {
            await _world.ReconcileDynoAsync("shop.web.1");
        }
        catch (RetryableReconcileException)
        {
            // Tried again by the queue.
        }
    }

    private async Task MakeAsync()
    {
        _world.Put(ReconcileWorld.App("shop", ("web", 1)));
        await _world.ReconcileAppAsync();
        _world.Api.Forget();
    }

    private async Task ResizeAsync()
    {
        var dyno = await _world.GetAsync<Dyno>("shop.web.1");
        dyno.Spec.Size = Api.Apps.DynoSizes.Standard2X;
        dyno.Metadata.Generation = 2;
        _world.Put(dyno);
    }

    /// <summary>Names of pods end in a hash.</summary>
    private IEnumerable<string> Shortened() =>
        _world.Api.Writes.Select(write => write.Contains(" Pod ", StringComparison.Ordinal)
            ? write[..write.LastIndexOf(' ')]
            : write);
}
