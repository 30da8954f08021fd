using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>The API server is lost for a while, and much happens meanwhile.</summary>
[Collection(Alone.Name)]
public sealed class ConnectionLossTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_happened_meanwhile_is_lost()
    {
        using var metrics = new OperatorMetrics();
        await using var space = platform.NewSpace();
        await using var other = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("grows", formation: ("web", 2));
        await space.CreateAppAsync("shrinks", formation: ("worker", 3));
        await space.CreateAppAsync("goes", formation: ("worker", 1));
        foreach (var app in new[] { "grows", "shrinks", "goes" })
        {
            await space.AppReadyAsync(app);
        }

        metrics.Forget();
        platform.Operator.Connection.Cut();
        await metrics.RestartedAsync(Kinds.Watched.Count, Token);
        var lost = space.Pods("grows")[0];
        await space.DeleteAsync(Kinds.Pod, space.In(lost.Name));
        await space.DeleteAsync(Kinds.Policy, space.In("default-deny"));
        await space.DeleteAsync(Kinds.App, space.In("goes"));
        await space.ScaleAsync("grows", ("web", 4));
        await space.ScaleAsync("shrinks", ("worker", 1));
        await other.CreateAsync(SpaceRuntime.Private);
        await space.GoneAsync(Kinds.Policy, space.In("default-deny"));
        platform.Operator.Connection.Restore();

        await space.AppReadyAsync("grows");
        await space.AppReadyAsync("shrinks");
        await other.ReadyAsync(Kinds.Space, other.Key);
        await space.UntilAsync("the policy is back", state => state.Find(Kinds.Policy, space.In("default-deny")));
        await space.UntilAsync(
            "four pods, none of them the lost one",
            state => state.PodsOf(space.Name, "grows").ToList() is { Count: 4 } pods
                && pods.All(pod => pod.Uid != lost.Uid) ? pods : null);
        await space.UntilAsync(
            "one pod",
            state => state.Of(Kinds.Dyno, space.Name).Count(dyno => dyno.Label(Labels.App) == "shrinks") == 1
                ? state
                : null);
        Assert.False(platform.Operator.Completion.IsCompleted, "The operator ended.");
    }

    [Fact]
    public async Task An_operator_that_starts_before_its_server_waits_for_it()
    {
        await platform.Operator.DisposeAsync();
        await using var space = platform.NewSpace();
        await space.CreateAsync(SpaceRuntime.Common);

        platform.StartOperator(isConnected: false);
        await platform.LoggedAsync(" Space ended: ", Token);
        platform.Operator.Connection.Restore();

        await space.ReadyAsync(Kinds.Space, space.Key);
    }

    [Fact]
    public async Task A_connection_that_breaks_again_and_again_delays_and_loses_nothing()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync("shop", formation: ("web", 12));
        foreach (var pods in Enumerable.Range(1, 6).Select(n => n * 2))
        {
            await space.UntilAsync(
                $"{pods} pods", state => state.PodsOf(space.Name, "shop").Count() >= pods ? state : null);
            platform.Operator.Connection.Cut();
            platform.Operator.Connection.Restore();
        }

        await space.AppReadyAsync("shop");
        Assert.Equal(12, space.Pods("shop").Count);
        Assert.Equal(12, space.Pods("shop").Select(pod => pod.Label(Labels.Dyno)).Distinct().Count());
    }
}
