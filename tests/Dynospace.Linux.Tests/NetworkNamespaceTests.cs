using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

public sealed class NetworkNamespaceTests
{
    private static int _count;

    [Fact]
    public void A_namespace_has_a_name_until_it_is_removed()
    {
        Testing.Networks.NetworkNamespace.Require();
        var name = UniqueName();
        using (var made = NetworkNamespace.Create(name))
        {
            try
            {
                Assert.Contains(name, NetworkNamespace.Names);
                Assert.Contains("lo", Testing.Networks.NetworkNamespace.Run("ip", ["-n", name, "link"]));
                Assert.Throws<NetworkNamespaceException>(() => NetworkNamespace.Create(name));
                using var same = NetworkNamespace.OpenNamed(name);
                Assert.Equal(made.Run(Identity), same.Run(Identity));
                Assert.NotEqual(made.Run(Identity), Identity());
            }
            finally
            {
                NetworkNamespace.Delete(name);
            }

            // The handle keeps it.
            using var stack = NetworkStack.Open(made);
            Assert.Single(stack.Links.List(), link => link.IsLoopback);
        }

        NetworkNamespace.Delete(name);
        Assert.DoesNotContain(name, NetworkNamespace.Names);
        Assert.Throws<NetworkNamespaceException>(() => NetworkNamespace.OpenNamed(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void A_name_is_one_part_of_a_path(string name) =>
        Assert.Throws<ArgumentException>(() => NetworkNamespace.Create(name));

    [Fact]
    public void An_action_runs_in_the_namespace_and_the_caller_stays_in_its_own()
    {
        using var place = new Place();
        var before = Identity();

        place.Set("ipv4/ip_forward", "1");
        Assert.Equal("1", place.Namespace.Run(() => Sysctl.Read("ipv4/ip_forward")));
        Assert.True(place.Namespace.Run(() => Sysctl.Ensure("ipv4/ip_forward", "0")));
        Assert.False(place.Namespace.Run(() => Sysctl.Ensure("ipv4/ip_forward", "0")));
        Assert.Null(Sysctl.Read("ipv4/conf/no-such-link/rp_filter"));
        var failure = Assert.Throws<InvalidOperationException>(
            () => place.Namespace.Run(() => throw new InvalidOperationException("seen")));

        Assert.Equal("seen", failure.Message);
        Assert.Equal(before, Identity());
    }

    /// <summary>Everything together, by real packets: two nodes, a tunnel between them, and nothing learned.</summary>
    [Theory]
    [InlineData("172.16.0.1", "172.16.2.1", 32)]
    [InlineData("2001:db8:1::1", "2001:db8:2::1", 128)]
    public async Task A_datagram_crosses_a_tunnel(string from, string to, int length)
    {
        using var left = new Place();
        using var right = new Place();
        left.Stack.Links.Add(new VethLink("eth0", new VethPeer("eth0") { Namespace = right.Namespace, IsUp = true })
        {
            IsUp = true,
        });
        var (source, target) = (IPAddress.Parse(from), IPAddress.Parse(to));
        Join(left, "192.0.2.1", source, right, "192.0.2.2", target, length);
        Join(right, "192.0.2.2", target, left, "192.0.2.1", source, length);
        using var sender = Open(left, source);
        using var receiver = Open(right, target);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[10];
        var receiving = receiver.ReceiveFromAsync(buffer, receiver.LocalEndPoint!, patience.Token).AsTask();
        // A link that was just switched on may drop the first ones.
        while (!receiving.IsCompleted)
        {
            await sender.SendToAsync("over"u8.ToArray(), receiver.LocalEndPoint!, patience.Token);
            await Task.WhenAny(receiving, Task.Delay(100, patience.Token));
        }

        var received = await receiving;
        Assert.Equal("over"u8.ToArray(), buffer[..received.ReceivedBytes]);
        Assert.Equal(sender.LocalEndPoint, received.RemoteEndPoint);
    }

    private static void Join(
        Place place,
        string address,
        IPAddress inner,
        Place other,
        string otherAddress,
        IPAddress otherInner,
        int length)
    {
        place.Stack.Addresses.Add(new LinkAddress(IPAddress.Parse(address), 24, place.Link("eth0").Index));
        var tunnel = place.Add(new VxlanLink("vx", new VxlanSettings { Id = 7, Port = 4790, HasGroupPolicy = true })
        {
            Mac = MacOf(place),
            IsUp = true,
        });
        place.Stack.Addresses.Add(new LinkAddress(inner, length, tunnel.Index));
        place.Stack.Neighbours.SetTarget(new TunnelTarget(MacOf(other), tunnel.Index, IPAddress.Parse(otherAddress)));
        place.Stack.Neighbours.Set(new Neighbour(otherInner, tunnel.Index, MacOf(other)));
        place.Stack.Routes.Add(new Route(new IPNetwork(otherInner, length)) { Link = tunnel.Index, Source = inner });

        static PhysicalAddress MacOf(Place place) =>
            PhysicalAddress.Parse($"0277{place.Namespace.Run(Identity).GetHashCode(StringComparison.Ordinal):X8}");
    }

    private static Socket Open(Place place, IPAddress address)
    {
        var socket = place.Namespace.Run(() =>
            new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static string Identity() => new FileInfo("/proc/thread-self/ns/net").LinkTarget!;

    private static string UniqueName() => $"dsna-{Environment.ProcessId}-own{Interlocked.Increment(ref _count)}";
}
