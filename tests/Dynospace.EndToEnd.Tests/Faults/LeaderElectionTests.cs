using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>Several operators share the work by a Lease: one acts, the others wait.</summary>
[Collection(Alone.Name)]
public sealed class LeaderElectionTests(Platform platform) : IAsyncLifetime
{
    private static readonly ObjectKey Lease = new("dynospace-system", "dynospace-operator");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => platform.Operator.DisposeAsync();

    public ValueTask DisposeAsync()
    {
        platform.StartOperator();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Only_the_leader_acts_and_another_takes_over_when_it_stops()
    {
        await using var space = platform.NewSpace();
        var operators = new Dictionary<string, RunningOperator>
        {
            ["a1"] = platform.NewOperator("a1"),
            ["a2"] = platform.NewOperator("a2"),
        };
        try
        {
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync("first", formation: ("web", 2));
            await space.AppReadyAsync("first");
            var leader = Holder()!;
            await AssertToldByAsync(space, "first", leader);

            await operators[leader].DisposeAsync();
            await space.CreateAppAsync("second", formation: ("web", 2));
            await space.AppReadyAsync("second");

            var next = operators.Keys.Single(name => name != leader);
            Assert.Equal(next, Holder());
            await AssertToldByAsync(space, "second", next);
        }
        finally
        {
            await StopAsync(operators);
        }
    }

    [Fact]
    public async Task Operators_that_are_replaced_one_by_one_during_a_scale_up_make_nothing_twice_and_lose_nothing()
    {
        await using var space = platform.NewSpace();
        var operators = new Dictionary<string, RunningOperator>
        {
            ["c1"] = platform.NewOperator("c1"),
            ["c2"] = platform.NewOperator("c2"),
        };
        try
        {
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
            await space.AppReadyAsync("shop");

            await space.ScaleAsync("shop", ("web", 8), ("worker", 4));
            foreach (var (old, next) in new[]
            {
                (Holder()!, "c3"),
                (operators.Keys.Single(name => name != Holder()), "c4"),
            })
            {
                operators[next] = platform.NewOperator(next);
                await operators[old].DisposeAsync();
                await space.UntilAsync(
                    "another leads", state => Holder() is { Length: > 0 } holder && holder != old ? state : null);
            }

            await space.AppReadyAsync("shop");
            MadeOnce.Require(platform.View.HistoryOf(space.Name), "shop", ("web", 8), ("worker", 4));
        }
        finally
        {
            await StopAsync(operators);
        }
    }

    [Fact]
    public async Task A_leader_that_loses_the_server_is_replaced_and_does_not_act_when_it_is_back()
    {
        await using var space = platform.NewSpace();
        var operators = new Dictionary<string, RunningOperator>
        {
            ["b1"] = platform.NewOperator("b1"),
            ["b2"] = platform.NewOperator("b2"),
        };
        try
        {
            await space.StartAsync(SpaceRuntime.Common);
            var leader = Holder()!;
            var next = operators.Keys.Single(name => name != leader);

            operators[leader].Connection.Cut();
            await space.CreateAppAsync("first", formation: ("web", 2));
            await space.AppReadyAsync("first");
            Assert.Equal(next, Holder());
            Assert.Contains(
                platform.LogLines, line => line.Contains($"{leader} leads no more", StringComparison.Ordinal));

            operators[leader].Connection.Restore();
            await space.CreateAppAsync("second", formation: ("web", 2));
            await space.AppReadyAsync("second");

            Assert.Equal(next, Holder());
            await AssertToldByAsync(space, "first", next);
            await AssertToldByAsync(space, "second", next);
            Assert.All(operators.Values, running => Assert.False(running.Completion.IsCompleted));
        }
        finally
        {
            await StopAsync(operators);
        }
    }

    private string? Holder() => (string?)platform.View.Now.Find(Kinds.Lease, Lease)?.Content["spec"]?["holderIdentity"];

    /// <summary>Every event about an app and its dynos comes from this operator, and there is one.</summary>
    private async Task AssertToldByAsync(TestSpace space, string app, string identity)
    {
        await space.EventAsync(Kinds.App, space.In(app), Dynospace.Api.Reasons.DynoCreated);
        var reported = platform.View.Now.Of(Kinds.Event, space.Name)
            .Where(seen => ((string)seen.Content["involvedObject"]!["name"]!).StartsWith(app, StringComparison.Ordinal)
                && (string?)seen.Content["reportingComponent"] == "dynospace");
        Assert.All(reported, seen => Assert.Equal(identity, (string?)seen.Content["reportingInstance"]));
    }

    private static async Task StopAsync(Dictionary<string, RunningOperator> operators)
    {
        foreach (var running in operators.Values)
        {
            await running.DisposeAsync();
        }
    }
}
