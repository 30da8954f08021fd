using System.Text.RegularExpressions;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Egress;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>Fixed IPs from the Space to the packet: operator, gate and the agents of the nodes.</summary>
[Collection(Packets.Name)]
public sealed partial class NetworkEgressTests(NetworkEgressTests.FixedIPPlatform platform)
    : IClassFixture<NetworkEgressTests.FixedIPPlatform>
{
    private const string FixedIP = "203.0.113.10";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_outside_sees_the_fixed_ip_also_after_the_death_of_its_gateway()
    {
        platform.Require();
        await platform.View.FollowAsync(Kinds.EgressGateway, CancellationToken.None);
        await using var space = platform.NewSpace();
        await using var plain = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = [FixedIP]);
        await plain.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: [("web", 4)]);
        await plain.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");
        await plain.AppReadyAsync("shop");
        await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.EgressReady, "True", Reasons.Ready.Name);
        foreach (var pod in space.Pods("shop"))
        {
            Assert.Equal(FixedIP, await SourceAsync(pod));
        }

        // Another space does not leave by it.
        var other = Assert.Single(plain.Pods("shop"));
        Assert.Equal((string?)other.Content["status"]!["podIP"], await SourceAsync(other));

        var gateway = await EgressPlatform.GatewayAsync(space);
        platform.Network.Network.SetNodeLink(gateway, isUp: false);
        try
        {
            var survivors = space.Pods("shop")
                .Where(pod => (string?)pod.Content["spec"]!["nodeName"] != gateway).ToList();
            Assert.NotEmpty(survivors);
            foreach (var pod in survivors)
            {
                // Nothing passes until the next gateway has the IP, and no other address is ever seen.
                string seen;
                while ((seen = await SourceAsync(pod)).Length == 0)
                {
                }

                Assert.Equal(FixedIP, seen);
            }

            Assert.NotEqual(gateway, await EgressPlatform.GatewayAsync(space, not: gateway));
        }
        finally
        {
            platform.Network.Network.SetNodeLink(gateway, isUp: true);
        }
    }

    /// <summary>The address that the internet sees, by its name; empty where nothing comes back.</summary>
    private async Task<string> SourceAsync(SeenObject pod)
    {
        var shell = new PodShell(platform.Api, pod.Key, Listens: false);
        var answer = await shell.RunAsync(
            "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 2 internet 80 2>/dev/null; true", Token);
        return Answer().Match(answer).Groups[1].Value;
    }

    [GeneratedRegex(@"internet answers ([0-9.]+):")]
    private static partial Regex Answer();

    /// <summary>An operator that provides fixed IPs itself.</summary>
    public sealed class FixedIPPlatform : PacketPlatform
    {
        private protected override PlatformOptions Adjust(PlatformOptions options) => options with
        {
            Egress = options.Egress with { Provider = EgressProvider.Builtin },
            Router = options.Router with { Provider = RouterProvider.None },
        };
    }
}
