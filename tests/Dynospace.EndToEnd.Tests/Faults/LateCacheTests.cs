using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>Each kind has a watch of its own, and they do not keep step.</summary>
[Collection(Alone.Name)]
public sealed class LateCacheTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_release_that_is_seen_after_its_dynos_is_not_made_twice() =>
        WithLateNewsAsync(Kinds.Revision, _ => true, async (space, news) =>
        {
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync(
                "shop",
                app => app.Release = new() { Command = [.. platform.Workloads.Exits(0).Command] },
                ("worker", 1));
            Assert.Equal("shop-r1", await news.AskedAsync(platform.Traits.Patience, Token));
            news.LetThrough();
            await space.AppReadyAsync("shop");
            Assert.Equal(["shop-r1"], platform.View.Now.Of(Kinds.Revision, space.Name).Select(release => release.Name));
        });

    [Fact]
    public Task A_one_off_whose_end_is_seen_after_its_pod_was_deleted_is_not_run_again() =>
        WithLateNewsAsync(Kinds.Dyno, IsStatus, async (space, news) =>
        {
            var program = platform.Workloads.Exits(0);
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync("shop", program, null, ("worker", 0));
            await space.AppReadyAsync("shop");
            await space.CreateRunAsync("shop", 1, program);
            Assert.Equal("shop.run.1", await news.AskedAsync(platform.Traits.Patience, Token));
            await space.ConditionAsync(
                Kinds.Dyno, space.In("shop.run.1"), ConditionTypes.Up, "False", Reasons.Completed);
            var pod = await space.UntilAsync("its pod", state => state.PodsOf(space.Name, "shop").FirstOrDefault());
            await space.DeleteAsync(Kinds.Pod, pod.Key);
            await space.GoneAsync(Kinds.Pod, pod.Key);

            // The operator, who has not heard of its end, would make another; so it asks before.
            Assert.Equal("shop.run.1", await news.AskedAsync(platform.Traits.Patience, Token));
            news.LetThrough();
            await space.CreateRunAsync("shop", 2, program);
            await space.ConditionAsync(
                Kinds.Dyno, space.In("shop.run.2"), ConditionTypes.Up, "False", Reasons.Completed);
            Assert.Equal([pod.Name], platform.View.HistoryOf(space.Name).Select(change => change.Object)
                .Where(seen => seen.Kind == Kinds.Pod && seen.Label(Labels.Dyno) == "shop.run.1")
                    .Select(seen => seen.Name)
                    .Distinct());
        });

    /// <summary>As an operator finds it that was replaced in the midst of its work.</summary>
    [Fact]
    public Task A_pod_that_is_there_and_was_not_seen_is_the_dynos() =>
        WithLateNewsAsync(Kinds.Pod, _ => true, async (space, news) =>
        {
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync("shop", null, ("worker", 1));
            var pod = await space.UntilAsync("its pod", state => state.PodsOf(space.Name, "shop").FirstOrDefault());
            await space.PatchAppAsync(
                "shop", new JsonObject { ["config"] = new JsonObject { ["LOG_LEVEL"] = "debug" } });
            Assert.Equal(pod.Name, await news.AskedAsync(platform.Traits.Patience, Token));
            news.LetThrough();
            await space.AppReadyAsync("shop");
        });

    private static bool IsStatus(WatchEvent change) =>
        change.Object.GetProperty("metadata").GetProperty("name").GetString() == "shop.run.1"
        && change.Object.TryGetProperty("status", out var status)
        && status.TryGetProperty("conditions", out _);

    /// <summary>Runs a test with an operator to which news of one kind come late.</summary>
    private async Task WithLateNewsAsync(
        ResourceKind late, Func<WatchEvent, bool> isLate, Func<TestSpace, LateNews, Task> test)
    {
        await using var space = platform.NewSpace();
        await platform.Operator.CrashAsync();
        using var client = new Kubernetes(platform.Rights.Directly());
        var news = new LateNews(new ApiTransport(client, new ApiTransportOptions(), TimeProvider.System), late, isLate);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Controllers(news).RunAsync(stop.Token);
        try
        {
            await test(space, news);
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            platform.StartOperator();
        }
    }

    private DynospaceControllers Controllers(IApiTransport transport) => new(
        transport,
        RunningOperator.Platform(platform.Traits),
        null,
        "e2e",
        TimeProvider.System,
        NullLoggerFactory.Instance);
}
