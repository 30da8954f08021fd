using DevCluster.Network;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>Canaries that really run, between nodes whose agents enforce policies, and between nodes without.</summary>
public sealed class NetworkTrialTests
{
    [Collection(Packets.Name)]
    public sealed class WithAgents(TrialPlatform.WithAgents platform) : IClassFixture<TrialPlatform.WithAgents>
    {
        [Theory]
        [InlineData(SpaceRuntime.Common)]
        [InlineData(SpaceRuntime.Private)]
        public Task The_trial_finds_policies_enforced(SpaceRuntime runtime) =>
            TryAsync(platform, runtime, "True", Reasons.Enforced);
    }

    [Collection(Packets.Name)]
    public sealed class WithoutAgents(TrialPlatform.WithoutAgents platform) : IClassFixture<TrialPlatform.WithoutAgents>
    {
        [Fact]
        public Task The_trial_finds_policies_not_enforced() =>
            TryAsync(platform, SpaceRuntime.Common, "False", Reasons.NotEnforced);
    }

    private static async Task TryAsync(Platform platform, SpaceRuntime runtime, string status, Reason reason)
    {
        platform.Require();
        await using var space = platform.NewSpace();
        await space.CreateAsync(runtime);

        var verdict =
            await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.IsolationVerified, status, reason.Name);
        TestContext.Current.TestOutputHelper?.WriteLine(verdict.Message);
        if (NetworkCluster.HasBothFamilies)
        {
            // A network that enforces nothing is found out by the first connection.
            Assert.Contains(
                reason == Reasons.Enforced ? "over IPv4 and IPv6" : "over IPv4", verdict.Message,
                StringComparison.Ordinal);
        }
    }
}

/// <summary>A cluster with a network that netlink makes, whose operator holds trials.</summary>
public abstract class TrialPlatform : PacketPlatform
{
    private protected override PlatformOptions Adjust(PlatformOptions options) => options with
    {
        Isolation = options.Isolation with { TrialInterval = TimeSpan.FromHours(1) },
        Router = options.Router with { Provider = RouterProvider.None },
    };

    /// <summary>The clusters of other tests have plugins.</summary>
    private protected override bool UsesPlugins => false;

    public sealed class WithAgents : TrialPlatform;

    public sealed class WithoutAgents : TrialPlatform
    {
        private protected override bool Enforces => false;
    }
}
