using System.Threading.Channels;
using Dynospace.Api.Nodes;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Status;
using Dynospace.NodeAgent.Tests.Enforcement;
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
}
