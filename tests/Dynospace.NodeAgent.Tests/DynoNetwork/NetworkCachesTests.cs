using System.Threading.Channels;
using Dynospace.Api.Nodes;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Status;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.Reachability.Addresses;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

public sealed class NetworkCachesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_claim_of_another_node_is_a_change_and_its_status_is_not()
    {
        await using var cluster = await AgentCluster.StartAsync(Cancellation);
        await cluster.AddDefinitionsAsync(Cancellation);
        foreach (var name in new[] { "n1", "n2" })
        {
            await cluster.AddNodeAsync(new V1Node { Metadata = new() { Name = name } }, Cancellation);
        }

        var first = new NodeNetworkObject(cluster.Transport(), "n1");
        await first.CreateAsync("172.16.0.0/23", Cancellation);
        var changes = Channel.CreateUnbounded<int>();
        NetworkCaches caches = null!;
        caches = new NetworkCaches(
            cluster.Transport(), "n3", apiAddress: null, () => changes.Writer.TryWrite(caches.Claims.Count),
            TimeProvider.System, NullLoggerFactory.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var informing = caches.Informers.RunAsync(stop.Token);
        await caches.Informers.WaitForSyncAsync(_ => { }, TimeProvider.System, Cancellation);
        while (changes.Reader.TryRead(out _))
        {
        }

        await first.WriteStatusAsync(new NodeNetworkStatus { Parts = "Egress" }, Cancellation);
        await new NodeNetworkObject(cluster.Transport(), "n2").CreateAsync("172.16.2.0/23", Cancellation);

        Assert.Equal(2, await changes.Reader.ReadAsync(Cancellation));
        await stop.CancelAsync();
        await informing;
    }

    [Theory]
    [InlineData(null, "tcp 80 -> 172.16.0.2:8080", "tcp 80 -> fd79::ac10:2:8080")]
    [InlineData("", "tcp 80 -> 172.16.0.2:8080", "tcp 80 -> fd79::ac10:2:8080")]
    [InlineData("0.0.0.0", "tcp 80 -> 172.16.0.2:8080")]
    [InlineData("::", "tcp 80 -> fd79::ac10:2:8080")]
    [InlineData("10.0.0.1", "10.0.0.1 tcp 80 -> 172.16.0.2:8080")]
    [InlineData("fd10::1", "fd10::1 tcp 80 -> fd79::ac10:2:8080")]
    [InlineData("all")]
    public void A_port_of_the_node_is_open_in_the_family_of_its_address(string? hostIp, params string[] expected)
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = "web", NamespaceProperty = "shop" },
            Spec = new()
            {
                Containers =
                [
                    new() { Name = "c", Ports = [new() { ContainerPort = 8080, HostPort = 80, HostIP = hostIp }] },
                ],
            },
            Status = new()
            {
                Phase = "Running",
                PodIP = "172.16.0.2",
                PodIPs = [new() { Ip = "172.16.0.2" }, new() { Ip = "fd79::ac10:2" }, new() { Ip = "fd80::1" }],
            },
        };
        var ranges = CidrSet.FromRanges(AddressRange.Parse("172.16.0.0/23"), AddressRange.Parse("fd79::ac10:0/119"));

        Assert.Equal(
            expected,
            NetworkCaches.HostPorts([pod], ranges).Select(port =>
                $"{port.NodeAddress} {port.Protocol} {port.Port} -> {port.Pod}:{port.PodPort}".TrimStart()));
    }
}
