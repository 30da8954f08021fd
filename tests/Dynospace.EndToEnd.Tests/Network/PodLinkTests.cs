using System.Net;
using System.Net.Sockets;
using DevCluster.Network;
using DevCluster.Network.Kernel;
using DevCluster.Network.Wiring;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Networking;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>Pods have the same network whether CNI plugins link them to their node or netlink does.</summary>
[Collection(Packets.Name)]
public sealed class PodLinkTests
{
    private const int Port = 5000;

    private static readonly string[] Families = ["IPv4", "IPv6"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool, string> Ways =>
        [.. from usesPlugins in new[] { true, false } from family in Families select (usesPlugins, family)];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_pod_reaches_pods_of_its_node_and_of_another_and_places_outside(bool usesPlugins, string family)
    {
        await using var world = await World.StartAsync(usesPlugins);
        var isSecond = family == Families[1];
        Assert.SkipUnless(!isSecond || NetworkCluster.HasBothFamilies, "The kernel of this machine has no IPv6.");
        var from = world.Pods[0];

        foreach (var (network, address) in new[]
        {
            (world.Pods[1].Network, world.Pods[1].Address(isSecond)),
            (world.Pods[2].Network, world.Pods[2].Address(isSecond)),
            isSecond ? world.Outside6 : world.Outside,
        })
        {
            Assert.Equal(from.Address(isSecond), await SeenSourceAsync(from.Network, network, address));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pod_has_one_link_with_a_small_subnet_of_its_own_and_its_node_as_the_way_to_all_else(
        bool usesPlugins)
    {
        await using var world = await World.StartAsync(usesPlugins);
        var pod = world.Pods[1];
        using var place = NetworkNamespace.OpenNamed(pod.Network.Name);
        using var network = NetworkStack.Open(place);

        var link = Assert.Single(network.Links.List(), link => link.Kind == "veth");
        Assert.Equal("eth0", link.Name);
        var addresses = network.Addresses.List()
            .Where(address => address.Link == link.Index && !address.Address.IsIPv6LinkLocal);
        var routes = network.Routes.List().Where(route => route.IsDefault);
        if (NetworkCluster.HasBothFamilies)
        {
            Assert.Equal(
                ["172.20.0.6/30", "fd79:646e::ac14:6/126"],
                addresses.Select(address => $"{address.Address}/{address.PrefixLength}").Order());
            Assert.Equal(
                ["172.20.0.5", "fd79:646e::ac14:5"], routes.Select(route => route.Gateway!.ToString()).Order());
        }
        else
        {
            Assert.Equal(
                "172.20.0.6/30", Assert.Single(addresses.Select(item => $"{item.Address}/{item.PrefixLength}")));
            Assert.Equal("172.20.0.5", Assert.Single(routes).Gateway!.ToString());
        }
    }

    /// <summary>Opens a connection; returns the source that the other end sees.</summary>
    private static async Task<IPAddress> SeenSourceAsync(Netns from, Netns to, IPAddress address)
    {
        using var listener = Open(to, address);
        listener.Bind(new IPEndPoint(address, Port));
        listener.Listen();
        using var caller = Open(from, address);
        await caller.ConnectAsync(new IPEndPoint(address, Port), Token);
        using var accepted = await listener.AcceptAsync(Token);
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address;
    }

    private static Socket Open(Netns network, IPAddress address) =>
        network.Run(() => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Two nodes: two pods on the first, one on the second; places outside.</summary>
    private sealed class World : IAsyncDisposable
    {
        private static readonly SecondFamily Local = SecondFamily.Local;

        private readonly Fabric _fabric;

        private World(PodPlugins? plugins) => _fabric = new Fabric(
            new RunIdentity(),
            "192.168.240.2",
            IPNetwork.Parse("203.0.113.0/26"),
            NetworkCluster.HasBothFamilies ? Local : null,
            plugins);

        public List<Pod> Pods { get; } = [];

        public (Netns Network, IPAddress Address) Outside { get; private set; }

        public (Netns Network, IPAddress Address) Outside6 { get; private set; }

        public static async Task<World> StartAsync(bool usesPlugins)
        {
            Assert.SkipUnless(
                NetworkCluster.Obstacle() is null, $"Packets are not tried: {NetworkCluster.Obstacle()}.");
            var plugins = usesPlugins ? PodPlugins.Find() : null;
            Assert.SkipUnless(
                !usesPlugins || plugins is not null, "The CNI plugins ptp and static are not on this machine.");
            var world = new World(plugins);
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

        public ValueTask DisposeAsync()
        {
            _fabric.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task StartAsync()
        {
            _fabric.Start();
            Outside = Place("internet", "203.0.113.99");
            var nodes = new[]
            {
                Node("n1", "192.168.240.11", "172.20.0.0/23"),
                Node("n2", "192.168.240.12", "172.20.2.0/23"),
            };
            if (NetworkCluster.HasBothFamilies)
            {
                Outside6 = Place("internet, IPv6", "2606:4700::1111");
            }

            await AddAsync(nodes[0], "172.20.0.2");
            await AddAsync(nodes[0], "172.20.0.6");
            await AddAsync(nodes[1], "172.20.2.2");
        }

        private (Netns, IPAddress) Place(string name, string address) =>
            (_fabric.AddPlace(new OutsidePlace(name, [address], [], [])), IPAddress.Parse(address));

        private Netns Node(string name, string address, string range) =>
            _fabric.AddNode(NetworkCluster.HasBothFamilies
                ? new RuntimeNode(name, address, range)
                {
                    Address6 = Local.NodeAddress(address),
                    PodRange6 = Local.PodRange(range),
                }
                : new RuntimeNode(name, address, range));

        private async Task AddAsync(Netns node, string address)
        {
            var address6 = NetworkCluster.HasBothFamilies ? IPAddress.Parse(Local.PodAddress(address)) : null;
            Pods.Add(new Pod(
                await _fabric.AddPodAsync($"pod-{Pods.Count}", node, IPAddress.Parse(address), address6, Token),
                IPAddress.Parse(address),
                address6));
        }
    }

    private sealed record Pod(Netns Network, IPAddress Address4, IPAddress? Address6)
    {
        public IPAddress Address(bool isSecond) => isSecond ? Address6! : Address4;
    }
}
