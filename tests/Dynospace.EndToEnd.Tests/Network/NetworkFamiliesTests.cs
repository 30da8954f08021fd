using System.Net;
using DevCluster.Network;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>A router whose pods have addresses of both families.</summary>
[Collection(Packets.Name)]
public sealed class NetworkFamiliesTests(NetworkPlatform platform)
{
    private const int HttpPort = 8080;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("internet", "203.0.113.99")]
    [InlineData("internet, IPv6", "2606:4700::1111")]
    public async Task A_router_serves_clients_of_each_family_and_passes_on_their_address(
        string from, string address)
    {
        platform.Require();
        Assert.SkipUnless(NetworkCluster.HasBothFamilies, "The kernel of this machine has no IPv6.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", platform.Workloads.Serves(null, ("TCP", 5000)), null, ("web", 1));
        await space.AppReadyAsync("shop");
        var router = await space.UntilAsync(
            "a pod of the shared router is ready",
            state => state.Of(Kinds.Pod, OperatorRights.Namespace).FirstOrDefault(pod =>
                pod.Label(Labels.Component) == ComponentValues.RouterPublic && pod.Label(Labels.Space) is null
                && pod.Has("Ready")));
        var target = router.As<V1Pod>().Status.PodIPs.Select(ip => IPAddress.Parse(ip.Ip))
            .First(ip => ip.AddressFamily == IPAddress.Parse(address).AddressFamily);
        var host = $"shop.{space.Name}.{new PlatformOptions().Router.BaseDomain}";

        // The client keeps its side open until the answer: to the router its end means that the client gave up.
        var page = await new PlaceShell(Places.Caller(from)!).RunAsync(
            $"(printf 'GET / HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: close\\r\\n\\r\\n'; busybox sleep 5) "
            + $"| busybox nc {target} {RouterPorts.Http}",
            Token);

        Assert.StartsWith("HTTP/1.1 200", page, StringComparison.Ordinal);
        Assert.Contains($"X-Forwarded-For: {address}", page, StringComparison.OrdinalIgnoreCase);
    }
}
