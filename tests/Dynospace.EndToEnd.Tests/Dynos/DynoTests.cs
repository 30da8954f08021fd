using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Dynos;

/// <summary>Dynos of a formation, in good days and bad.</summary>
public sealed class DynoTests(Platform platform)
{
    [Fact]
    public async Task A_dyno_tells_where_and_what_it_runs()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");

        var status = space.Now(Kinds.Dyno, "shop.web.1").As<Dyno>().Status!;

        var pod = Assert.Single(space.Pods("shop"));
        Assert.Equal(DynoState.Up, status.State);
        Assert.Equal(
            (pod.Name, (string?)pod.Content["status"]!["podIP"], (string?)pod.Content["spec"]!["nodeName"]),
            (status.Pod, status.PodIP, status.Node));
        Assert.Equal((1, 0), (status.Release, status.Restarts));
        Assert.StartsWith("shop-web-1-", pod.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_ends_is_crashed_and_heals_with_a_release_that_runs()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync("shop", platform.Workloads.Exits(3), null, ("worker", 1));

        var up =
            await space.ConditionAsync(
                Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.Crashed);
        Assert.Contains("exit code 3", up.Message, StringComparison.Ordinal);
        Assert.Equal(DynoState.Crashed, space.Now(Kinds.Dyno, "shop.worker.1").As<Dyno>().Status!.State);
        await space.EventAsync(Kinds.Dyno, space.In("shop.worker.1"), Reasons.Crashed);
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Available, "False", Reasons.DynosNotUp);

        await space.ScaleAsync("shop", ("worker", 1));
        await space.AppReadyAsync("shop");
        await space.EventAsync(Kinds.Dyno, space.In("shop.worker.1"), Reasons.Up);
    }

    [Fact]
    public async Task An_image_that_is_nowhere_is_a_reason()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync("shop", platform.Workloads.Missing, null, ("worker", 1));

        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.ImagePullFailed);
        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Stalled, "True", Reasons.ImagePullFailed);
    }

    [Fact]
    public async Task A_pod_deleted_by_hand_is_made_again()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 2));
        await space.AppReadyAsync("shop");
        var lost = space.Pods("shop").First(pod => pod.Label(Labels.Dyno) == "shop.web.1");
        var kept = space.Pods("shop").First(pod => pod.Label(Labels.Dyno) == "shop.web.2");

        await space.DeleteAsync(Kinds.Pod, space.In(lost.Name));

        var again =
            await space.UntilAsync(
                "another pod is up",
                state => state.PodsOf(space.Name, "shop")
                    .SingleOrDefault(pod => pod.Label(Labels.Dyno) == "shop.web.1" && pod.Uid != lost.Uid));
        await space.UntilAsync(
            "the dyno is up by it",
            state => state.Find(Kinds.Dyno, space.In("shop.web.1")) is { } dyno
                && dyno.Has(ConditionTypes.Up)
                && (string?)dyno.Content["status"]!["pod"] == again.Name ? dyno : null);
        Assert.Equal(kept.Uid, space.Pods("shop").First(pod => pod.Label(Labels.Dyno) == "shop.web.2").Uid);
    }

    [Fact]
    public async Task A_dyno_deleted_by_hand_is_made_again()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 2));
        await space.AppReadyAsync("shop");
        var lost = space.Now(Kinds.Dyno, "shop.worker.1").Uid;

        await space.DeleteAsync(Kinds.Dyno, space.In("shop.worker.1"));

        await space.UntilAsync(
            "another dyno is up",
            state => state.Find(Kinds.Dyno, space.In("shop.worker.1")) is { } dyno
                && dyno.Uid != lost
                && dyno.Has(ConditionTypes.Up) ? dyno : null);
    }

    [Fact]
    public async Task An_evicted_pod_is_replaced()
    {
        Assert.SkipWhen(platform.Traits.RunsPods, "A kubelet that runs pods would write over their status.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        var evicted = Assert.Single(space.Pods("shop"));

        (await platform.Api.PatchAsync(
            Kinds.Pod,
            space.In(evicted.Name),
            new JsonObject { ["status"] = new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted" } },
            "status",
            TestContext.Current.CancellationToken)).Require();

        await space.UntilAsync(
            "another pod runs",
            state => state.Find(Kinds.Dyno, space.In("shop.worker.1")) is { } dyno && dyno.Has(ConditionTypes.Up)
                && (string?)dyno.Content["status"]!["pod"] != evicted.Name ? dyno : null);
        await space.GoneAsync(Kinds.Pod, space.In(evicted.Name));
    }
}
