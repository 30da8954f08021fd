using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>Canaries that really run, on a network that really enforces, or does not.</summary>
[Collection(Alone.Name)]
public sealed class RealNetworkTests(Platform platform) : IAsyncLifetime
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (platform.Traits.RunsPods)
        {
            await platform.RestartOperatorAsync(options => options with
            {
                Isolation = new()
                {
                    TrialInterval = TimeSpan.FromHours(1),
                    CanaryImage = platform.Workloads.Runs.Image,
                    IsProofRequired = true,
                },
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (platform.Traits.RunsPods)
        {
            await platform.RestartOperatorAsync();
        }
    }

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    public async Task A_network_that_enforces_is_seen_to(SpaceRuntime runtime)
    {
        RequirePods();
        await using var space = platform.NewSpace();
        await space.StartAsync(runtime);

        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.IsolationVerified, "True", Reasons.Enforced);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
    }

    [Fact]
    public async Task A_network_that_stops_enforcing_is_seen_to_and_starts_no_dyno_until_it_enforces_again()
    {
        RequirePods();
        Assert.SkipUnless(
            GivenNetwork.CanBeSwitched,
            $"Nobody says by {GivenNetwork.OffVariable} and {GivenNetwork.OnVariable} how this network stops enforcing.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        var running = Assert.Single(space.Pods("shop"));

        try
        {
            await GivenNetwork.StopEnforcingAsync(Token);
            await AskAsync(space, "now");
            var verdict =
                await space.ConditionAsync(
                    Kinds.Space, space.Key, ConditionTypes.IsolationVerified, "False", Reasons.NotEnforced);
            TestContext.Current.TestOutputHelper?.WriteLine(verdict.Message);
            await space.ScaleAsync("shop", ("web", 2));
            await space.ConditionAsync(
                Kinds.Dyno, space.In("shop.web.2"), ConditionTypes.Up, "False", Reasons.SpaceNotReady);
            Assert.Equal(running.Uid, Assert.Single(space.Pods("shop")).Uid);
        }
        finally
        {
            await GivenNetwork.EnforceAsync(CancellationToken.None);
        }

        await AskAsync(space, "again");
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.IsolationVerified, "True", Reasons.Enforced);
        await space.AppReadyAsync("shop");
        Assert.Equal(2, space.Pods("shop").Count);
    }

    private static Task AskAsync(TestSpace space, string value) =>
        space.PatchAsync(Kinds.Space, space.Key, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["annotations"] = new JsonObject { [Annotations.VerifyIsolation] = value },
            },
        });

    private void RequirePods() => Assert.SkipUnless(platform.Traits.RunsPods, $"{platform.Traits.Name} runs no pods.");
}
