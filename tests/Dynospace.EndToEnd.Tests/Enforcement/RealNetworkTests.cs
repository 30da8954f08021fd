using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>Canaries that really run, on a network that really enforces.</summary>
[Collection(Alone.Name)]
public sealed class RealNetworkTests(Platform platform)
{
    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    public async Task A_network_that_enforces_is_seen_to(SpaceRuntime runtime)
    {
        Assert.SkipUnless(platform.Traits.RunsPods, $"{platform.Traits.Name} runs no pods.");
        await platform.Operator.DisposeAsync();
        platform.StartOperator(change: options => options with
        {
            EnforcementInterval = TimeSpan.FromHours(1),
            CanaryImage = platform.Workloads.Runs.Image,
            RequireEnforcement = true,
        });
        try
        {
            await using var space = platform.NewSpace();
            await space.StartAsync(runtime);

            await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.IsolationVerified, "True", Reasons.Enforced);
            await space.CreateAppAsync("shop", formation: ("web", 1));
            await space.AppReadyAsync("shop");
        }
        finally
        {
            await platform.Operator.DisposeAsync();
            platform.StartOperator();
        }
    }
}
