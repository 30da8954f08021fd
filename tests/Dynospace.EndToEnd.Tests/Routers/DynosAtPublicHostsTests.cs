using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>
/// Dynos call public hosts at the address of a load balancer. Their node translates it to a router's pod: with
/// <c>externalTrafficPolicy</c> Local the dyno's address stays, with Cluster the node puts its own in place of it.
/// </summary>
[Collection(Alone.Name)]
public sealed class DynosAtPublicHostsTests(Platform platform, RoutersOnNodes routers) : IClassFixture<RoutersOnNodes>
{
    private const string AddressVariable = "DYNOSPACE_TEST_LOAD_BALANCER";
    private const string OutboundIP = "198.51.100.10";
    private const string Local = "Local";
    private const string Cluster = "Cluster";
    private const string Dyno = "shop.web.1";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Local)]
    [InlineData(Cluster)]
    public async Task The_shared_router_serves_a_dyno_at_its_own_address_or_at_its_nodes(string policy)
    {
        routers.Require();
        var address = RequireAddress();
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Common);
        await routed.StartAsync("shop", 1);
        await using var balancer = await BalanceAsync(routed, address, policy);
        var (host, caller) = (routed.Host("shop"), DynoPods.Of(platform.View.Now, routed.Space.Name, Dyno)!);

        await RoutedSpace.AskUntilAsync(routed.Within(Dyno), address, RouterPorts.PublicHttp, host, "dyno: web.1");

        var lines = await LinesAsync(routed, host);
        Assert.All(lines, line => Assert.Equal(
            policy == Local, line.Contains($"fwd=\"{caller.Status.PodIP}\"", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(Local, "dyno: web.1")]
    [InlineData(Cluster, "403 Forbidden")]
    public async Task A_trusted_space_is_known_by_the_addresses_of_its_dynos_alone(string policy, string expected)
    {
        routers.Require();
        var address = RequireAddress();
        await using var routed = new RoutedSpace(platform, SpaceRuntime.Private);
        await using var trusted = new RoutedSpace(platform, SpaceRuntime.Private);
        await using var stranger = new RoutedSpace(platform, SpaceRuntime.Private);
        await Task.WhenAll(
            routed.StartAsync("shop", 1, spec => spec.TrustedIPRanges = [$"{OutboundIP}/32"]),
            trusted.StartAsync("shop", 1, spec => spec.OutboundIPs = [OutboundIP]),
            stranger.StartAsync("shop", 1));
        await using var balancer = await BalanceAsync(routed, address, policy);
        var (host, pod) = (routed.Host("shop"), routed.RouterPods(routed.Router)[0]);

        // Once the router's own address is answered, the router knows the dyno and the network the policies.
        await RoutedSpace.AskUntilAsync(
            trusted.Within(Dyno), (string)pod.Content["status"]!["podIP"]!, RouterPorts.Http, host, "dyno: web.1");

        await RoutedSpace.AskUntilAsync(trusted.Within(Dyno), address, RouterPorts.PublicHttp, host, expected);
        await RoutedSpace.AskUntilAsync(stranger.Within(Dyno), address, RouterPorts.PublicHttp, host, "403 Forbidden");
    }

    private static string RequireAddress()
    {
        var address = Environment.GetEnvironmentVariable(AddressVariable);
        Assert.SkipUnless(
            address is { Length: > 0 },
            $"{AddressVariable} names no address that nodes translate once the status of a Service has it.");
        return address!;
    }

    /// <summary>A Service beside the router's own, with the address as if a load balancer had given it.</summary>
    private async Task<Balancer> BalanceAsync(RoutedSpace routed, string address, string policy)
    {
        var balancer = new Balancer(platform, new(RoutedSpace.System, $"{routed.Space.Name}-balanced"));
        var service = new V1Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = new() { Name = balancer.Key.Name, NamespaceProperty = balancer.Key.Namespace },
            Spec = new()
            {
                Type = "LoadBalancer",
                ExternalTrafficPolicy = policy,
                Selector = routed.Router.Selector(),
                Ports = [new() { Name = "http", Port = RouterPorts.PublicHttp, TargetPort = RouterPorts.Http }],
            },
        };
        (await platform.Api.CreateAsync(service, Token)).Require();
        var status = new JsonObject
        {
            ["loadBalancer"] = new JsonObject
            {
                ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address }),
            },
        };
        (await platform.Api.PatchAsync(
            Kinds.Service, balancer.Key, new() { ["status"] = status }, "status", Token)).Require();
        return balancer;
    }

    /// <summary>The router's log of an app's requests, which comes a little after the answers.</summary>
    private Task<List<string>> LinesAsync(RoutedSpace routed, string host) => Task.Run(
        async () =>
        {
            List<string> lines;
            do
            {
                var logs = await Task.WhenAll(
                    routed.RouterPods(routed.Router).Select(pod => platform.Api.LogAsync(pod.Key, Token)));
                lines =
                [
                    .. string.Concat(logs).Split('\n')
                        .Where(line => line.Contains($"host={host} ", StringComparison.Ordinal)),
                ];
            }
            while (lines.Count == 0);
            return lines;
        },
        Token).WaitAsync(platform.Traits.Patience, Token);

    private sealed record Balancer(Platform Platform, Runtime.ObjectKey Key) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() =>
            await Platform.Api.DeleteAsync(Kinds.Service, Key, CancellationToken.None);
    }
}
