using System.Net;
using System.Net.Sockets;
using Dynospace.Router.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Dynospace.Router.Tests.Transport;

public sealed class LoopListenerTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1", "::1")]
    [InlineData("::", "::1", "::1")]
    [InlineData("::", "127.0.0.1", "::ffff:127.0.0.1")]
    public async Task The_clients_address_is_known(string listening, string called, string seen)
    {
        Assert.SkipWhen(listening.Contains(':', StringComparison.Ordinal) && !Socket.OSSupportsIPv6, "No IPv6 here");
        await using var listener = await TransportListener.StartAsync(new(IPAddress.Parse(listening), 0));
        var address = IPAddress.Parse(called);
        using var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectSoonAsync(new IPEndPoint(address, listener.Address.Port));

        await using var server = await listener.AcceptAsync();

        Assert.Equal(
            new IPEndPoint(IPAddress.Parse(seen), ((IPEndPoint)client.LocalEndPoint!).Port), server!.RemoteEndPoint);
    }

    [Fact]
    public async Task A_port_in_use_is_refused()
    {
        await using var listener = await TransportListener.StartAsync();

        await Assert.ThrowsAsync<AddressInUseException>(() => TransportListener.StartAsync(listener.Address));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Accepting_ends_with_the_listener(bool isPending)
    {
        await using var listener = await TransportListener.StartAsync();
        var accepting = isPending ? listener.AcceptAsync() : null;

        await listener.UnbindAsync();

        Assert.Null(await (accepting ?? listener.AcceptAsync()));
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectSoonAsync(listener.Address));
    }

    [Fact]
    public async Task A_connection_outlives_its_listener()
    {
        await using var listener = await TransportListener.StartAsync();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectSoonAsync(listener.Address);
        await using var server = (await listener.AcceptAsync())!;

        await listener.UnbindAsync();
        await client.SendSoonAsync("abc"u8.ToArray());

        Assert.Equal("abc"u8.ToArray(), await server.Transport.Input.TakeAsync(3));
    }

    [Fact]
    public async Task Features_are_found_replaced_and_removed()
    {
        await using var pair = await TransportPair.ConnectAsync();
        var features = pair.Server.Features;
        var revision = features.Revision;

        Assert.Same(features.Get<IConnectionTransportFeature>()!.Transport, pair.Server.Transport);
        Assert.Equal(features.Get<IConnectionIdFeature>()!.ConnectionId, pair.Server.ConnectionId);
        Assert.Same(features.Get<IConnectionItemsFeature>()!.Items, pair.Server.Items);
        Assert.Equal(features.Get<IConnectionEndPointFeature>()!.RemoteEndPoint, pair.Server.RemoteEndPoint);
        Assert.Equal(features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed, pair.Server.ConnectionClosed);
        Assert.NotNull(features.Get<IMemoryPoolFeature>()!.MemoryPool);
        Assert.Null(features.Get<IConnectionUserFeature>());

        features.Set("first");
        features.Set("second");
        Assert.Equal("second", features.Get<string>());
        Assert.Contains(features, feature => feature.Key == typeof(string));
        features.Set<string>(null);
        Assert.Null(features.Get<string>());
        Assert.NotEqual(revision, features.Revision);
        Assert.Equal(6, features.Count());

        var other = new ConnectionItems();
        pair.Server.Items = other;
        Assert.Same(other, features.Get<IConnectionItemsFeature>()!.Items);
    }

    [Fact]
    public void A_buffer_belongs_to_one_connection()
    {
        var block = Block.Take(Block.Small);
        block.Return();
        Assert.Throws<InvalidOperationException>(block.Return);

        List<Block> taken =
        [
            .. Enumerable.Range(0, 500).Select(i => Block.Take(i % 2 == 0 ? Block.Small : Block.Large)),
        ];
        Assert.Equal(500, taken.Distinct().Count());
        Assert.All(taken, one => Assert.Equal(0, one.Length));
        taken.ForEach(one => one.Return());
    }
}
