using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DevCluster.Network;
using DevCluster.Network.Kernel;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Isolation;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using Dynospace.Testing.Networks;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>
/// What a dyno sees of other dynos on its node, in a space whose dynos may reach each other. Frames are captured and
/// made by root in the dyno's network, which can do more than the dyno itself.
/// </summary>
[Collection(Packets.Name)]
public sealed class NeighbourTests(NetworkPlatform platform)
{
    private const int Port = 4000;

    private static readonly IPAddress Broadcast = IPAddress.Parse("255.255.255.255");
    private static readonly IPAddress EveryNode = IPAddress.Parse("ff02::1");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dyno_has_a_subnet_of_its_own_and_its_space_says_so()
    {
        platform.Require();
        await using var world = await StartAsync();

        var space = await platform.Api.ListAsync<Space>(Kinds.Space, Token);

        Assert.Equal(
            DynoNetworkKind.PerDynoSubnet,
            space.Single(item => item.Metadata.Name == world.Space.Name).Status?.DynoNetwork);
        var dynos = (await platform.Api.ListAsync<Dynospace.Api.Dynos.Dyno>(Kinds.Dyno, Token))
            .Where(dyno => dyno.Metadata.NamespaceProperty == world.Space.Name).ToList();
        Assert.Equal(dynos.Count, dynos.Select(dyno => dyno.Status?.Subnet).OfType<string>().Distinct().Count());
        Assert.All(dynos, dyno => Assert.True(
            IPNetwork.Parse(dyno.Status!.Subnet!).Contains(IPAddress.Parse(dyno.Status.Address!))));
        if (NetworkCluster.HasBothFamilies)
        {
            Assert.All(dynos, dyno => Assert.Equal(
                [true, true],
                dyno.Status!.Subnets!.Zip(dyno.Status.Addresses!, (subnet, address) =>
                    IPNetwork.Parse(subnet).Contains(IPAddress.Parse(address)))));
        }
    }

    [Fact]
    public async Task No_frame_of_another_dyno_comes_by_not_even_in_promiscuous_mode()
    {
        platform.Require();
        await using var world = await StartAsync();
        var (a, b, c) = (world[0], world[1], world[2]);
        using var atB = b.Capture();
        using var atC = c.Capture();

        // A datagram and a request of TCP from one neighbour to another, both of which are allowed.
        var (datagram, request) = (Marker("datagram"), Marker("request"));
        a.Send(b.Address, Port, datagram);
        Assert.Contains("200 OK", await a.GetAsync(b.Address, request), StringComparison.Ordinal);
        await UntilAsync(() => atB.Has(datagram) && atB.Has(request));

        // The capture works, and by now it has what came before.
        await World.FenceAsync(a, c, atC);
        Assert.False(atC.Has(datagram));
        Assert.False(atC.Has(request));
    }

    [Fact]
    public async Task Broadcasts_and_questions_for_neighbours_reach_the_node_alone()
    {
        platform.Require();
        await using var world = await StartAsync();
        var (a, b, c) = (world[0], world[1], world[2]);
        using var atA = a.Capture();
        using var atC = c.Capture();
        var greeting = Marker("greeting");

        a.Link(Frames.ArpRequest(a.Mac, a.Address, c.Address));
        a.Link(Frames.ArpRequest(a.Mac, a.Address, b.Address));
        a.Link(Frames.NeighbourSolicitation(a.Mac, IPAddress.Parse("fe80::a"), IPAddress.Parse("fe80::c")));
        a.Link(Frames.NeighbourSolicitation(a.Mac, a.Address6, b.Address6));
        a.Link(Frames.NeighbourSolicitation(a.Mac, a.Address6, c.Address6));
        a.Link(Frames.Datagram([0x33, 0x33, 0, 0, 0, 1], a.Mac, a.Address6, EveryNode, Port, greeting));
        a.Link(Frames.Datagram([255, 255, 255, 255, 255, 255], a.Mac, a.Address, Broadcast, Port, greeting));
        a.Link(Frames.Datagram([255, 255, 255, 255, 255, 255], a.Mac, a.Address, a.Last, Port, greeting));
        a.Link(Frames.Datagram([255, 255, 255, 255, 255, 255], a.Mac, a.Address, c.Last, Port, greeting));

        // Of all whom it asks for, the node alone answers, for itself.
        a.Link(Frames.ArpRequest(a.Mac, a.Address, a.Gateway));
        await UntilAsync(() => atA.Has(a.GatewayMac));
        await World.FenceAsync(a, c, atC);
        Assert.False(atC.Has(a.Mac));
        Assert.False(atC.Has(greeting));
        Assert.False(atA.Has(b.Mac));
        Assert.False(atA.Has(c.Mac));
    }

    [Fact]
    public async Task A_source_that_is_not_the_dynos_reaches_nobody()
    {
        platform.Require();
        await using var world = await StartAsync();
        var (a, b, c) = (world[0], world[1], world[2]);
        using var atC = c.Capture();
        await World.FenceAsync(a, c, atC);
        var forged = Marker("forged");

        foreach (var source in new[]
        {
            b.Address, a.Gateway, c.Gateway, c.Address, IPAddress.Parse("203.0.113.99"), IPAddress.Parse("10.60.0.4"),
            IPAddress.Parse("192.168.240.11"), IPAddress.Loopback,
        })
        {
            a.Link(Frames.Datagram(a.GatewayMac, a.Mac, source, c.Address, Port, forged));
        }

        foreach (var source in new[]
        {
            b.Address6, c.Address6, IPAddress.Parse("2606:4700::1111"), IPAddress.Parse("fd79:646e:0:1::c0a8:f00b"),
            IPAddress.IPv6Loopback,
        })
        {
            a.Link(Frames.Datagram(a.GatewayMac, a.Mac, source, c.Address6, Port, forged));
        }

        // The same by hand with its own source arrives.
        var (own, own6) = (Marker("own"), Marker("own6"));
        a.Link(Frames.Datagram(a.GatewayMac, a.Mac, a.Address, c.Address, Port, own));
        a.Link(Frames.Datagram(a.GatewayMac, a.Mac, a.Address6, c.Address6, Port, own6));
        await UntilAsync(() => atC.Has(own) && atC.Has(own6));
        Assert.False(atC.Has(forged));
    }

    [Fact]
    public async Task The_kernel_shows_a_dyno_its_own_connections_alone()
    {
        platform.Require();
        await using var world = await StartAsync();
        var (a, b, c) = (world[0], world[1], world[2]);
        using var open = await a.ConnectAsync(b.Address);

        var own = await c.RunAsync($"exec 2>/dev/null; (busybox sleep 2 | busybox nc {b.Address} 5000 >/dev/null) & "
            + "busybox sleep 1; cat /proc/net/tcp /proc/net/udp /proc/net/arp /proc/net/nf_conntrack /proc/1/net/tcp");

        // Its own connection shows that the dyno sees what there is to see.
        Assert.Contains(Hexadecimal(c.Address), own, StringComparison.Ordinal);
        Assert.DoesNotContain(Hexadecimal(a.Address), own, StringComparison.Ordinal);
        Assert.DoesNotContain(a.Address.ToString(), own, StringComparison.Ordinal);

        // Of all processes it sees those of its own container, and it opens no socket for frames.
        var processes = await c.RunAsync("busybox ps -o args");
        Assert.DoesNotContain("dynospace dev", processes, StringComparison.Ordinal);
        var refused = await c.RunAsync($"busybox arping -c 1 -w 1 -I eth0 {c.Gateway} 2>&1");
        Assert.Contains("ot permitted", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inside_a_dyno_loopback_and_any_port_work()
    {
        platform.Require();
        await using var world = await StartAsync();
        var script = new StringBuilder("exec 2>/dev/null; ");
        foreach (var (address, port) in new[]
        {
            ("127.0.0.1", 1), ("127.0.0.1", 65535), (world[0].Address.ToString(), 80),
        })
        {
            script.Append(CultureInfo.InvariantCulture, $"""
                (echo hello {port} | busybox nc -l -p {port} >/dev/null) &
                for i in 1 2 3 4 5 6 7 8 9; do
                  busybox nc {address} {port} </dev/null && break; busybox sleep 0.2
                done

                """);
        }

        var output = await world[0].RunAsync(script.ToString());

        Assert.Equal(["hello 1", "hello 65535", "hello 80"], output.Trim().Split('\n'));
    }

    private async Task<World> StartAsync()
    {
        var world = new World(platform);
        try
        {
            await world.StartAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    private static byte[] Marker(string word) => Encoding.ASCII.GetBytes($"{word}-{Guid.NewGuid():N}");

    /// <summary>As <c>/proc/net/tcp</c> has it.</summary>
    private static string Hexadecimal(IPAddress address) =>
        Convert.ToHexString([.. address.GetAddressBytes().Reverse()]);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Three dynos of one space on one node.</summary>
    private sealed class World(NetworkPlatform platform) : IAsyncDisposable
    {
        /// <summary>On two nodes three of them meet.</summary>
        private const int Quantity = 5;

        private readonly List<Dyno> _dynos = [];

        public TestSpace Space { get; } = platform.NewSpace();

        public Dyno this[int index] => _dynos[index];

        public async Task StartAsync()
        {
            await Space.StartAsync(SpaceRuntime.Private);
            await Space.CreateAppAsync(
                "shop", new Clusters.Workload("registry.example/shop:1", []), null, ("web", Quantity));
            await Space.AppReadyAsync("shop");
            var pods = (await platform.Api.ListAsync<V1Pod>(Kinds.Pod, Token))
                .Where(pod => pod.Metadata.NamespaceProperty == Space.Name
                    && pod.Metadata.Labels?.ContainsKey(Labels.Dyno) == true)
                .GroupBy(pod => pod.Spec.NodeName)
                .First(group => group.Count() >= 3);
            foreach (var pod in pods.Take(3))
            {
                _dynos.Add(await Dyno.FindAsync(platform, pod));
            }
        }

        /// <summary>Waits for a datagram that comes after what was sent before.</summary>
        public static async Task FenceAsync(Dyno from, Dyno to, FrameCapture capture)
        {
            var fence = Marker("fence");
            from.Send(to.Address, Port, fence);
            await UntilAsync(() => capture.Has(fence));
        }

        public ValueTask DisposeAsync() => Space.DisposeAsync();
    }

    private sealed class Dyno(NetworkPlatform platform, V1Pod pod, Netns network)
    {
        private readonly (int Index, byte[] Mac) _link = network.Run(Frames.Link);
        private readonly PodShell _shell = new(
            platform.Api, new ObjectKey(pod.Metadata.NamespaceProperty, pod.Metadata.Name), Listens: false);
        private byte[]? _gatewayMac;

        public IPAddress Address { get; } = IPAddress.Parse(pod.Status.PodIP);

        public IPAddress Address6 { get; } = IPAddress.Parse(pod.Status.PodIPs[1].Ip);

        public byte[] Mac => _link.Mac;

        public IPAddress Gateway => Beside(-1);

        /// <summary>The broadcast address of its subnet.</summary>
        public IPAddress Last => Beside(1);

        /// <summary>Known once a packet has left.</summary>
        public byte[] GatewayMac => _gatewayMac ??= network.Run(() =>
        {
            var line = File.ReadAllLines("/proc/thread-self/net/arp")
                .Single(line => line.StartsWith($"{Gateway} ", StringComparison.Ordinal));
            return Convert.FromHexString(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Replace(":", "", StringComparison.Ordinal));
        });

        public static async Task<Dyno> FindAsync(NetworkPlatform platform, V1Pod pod) =>
            new(platform, pod, (await platform.Network.Network.PodAsync(pod.Metadata.Uid))!);

        public FrameCapture Capture() => network.Run(() => FrameCapture.Start(_link.Index));

        /// <summary>Puts a frame on the dyno's link.</summary>
        public void Link(byte[] frame) => network.Run(() =>
        {
            Frames.Send(_link.Index, frame);
            return true;
        });

        public void Send(IPAddress to, int port, byte[] content)
        {
            using var socket = network.Run(
                () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            socket.SendTo(content, new IPEndPoint(to, port));
        }

        public async Task<Socket> ConnectAsync(IPAddress to)
        {
            var socket = network.Run(
                () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await socket.ConnectAsync(new IPEndPoint(to, 5000), Token);
            return socket;
        }

        public async Task<string> GetAsync(IPAddress to, byte[] marker)
        {
            using var socket = await ConnectAsync(to);
            await socket.SendAsync(
                Encoding.ASCII.GetBytes(
                    $"GET /{Encoding.ASCII.GetString(marker)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                Token);
            var answer = new byte[64];
            return Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, Token));
        }

        public Task<string> RunAsync(string script) => _shell.RunAsync(script, Token);

        private IPAddress Beside(int distance)
        {
            var bytes = Address.GetAddressBytes();
            bytes[3] = (byte)(bytes[3] + distance);
            return new IPAddress(bytes);
        }
    }
}
