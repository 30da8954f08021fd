using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Tests.Enforcement;
using Dynospace.Testing.Networks;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

/// <summary>Nodes on one link, or each behind a router of all, with an API server and a place outside.</summary>
internal sealed class DynoNodes : IAsyncDisposable
{
    /// <summary>An address of the internet.</summary>
    public static readonly IPAddress Outside = IPAddress.Parse("198.51.100.9");
    public static readonly IPAddress Outside6 = IPAddress.Parse("2001:db8:9::9");

    private readonly AgentCluster _cluster;
    private readonly List<DynoNode> _nodes = [];

    private readonly bool _isShared;

    private DynoNodes(AgentCluster cluster, bool isShared) => (_cluster, _isShared) = (cluster, isShared);

    /// <summary>The router of all nodes, which is the place outside as well.</summary>
    public NetworkNamespace Router { get; } = new();

    public AgentCluster Cluster => _cluster;

    public DynoNode this[int index] => _nodes[index];

    public static async Task<DynoNodes> StartAsync(int count, bool isShared, CancellationToken cancellationToken)
    {
        CniRuntime.Require();
        var all = new DynoNodes(await AgentCluster.StartAsync(cancellationToken), isShared);
        await all._cluster.AddDefinitionsAsync(cancellationToken);
        all.Router.Set("ipv4/ip_forward", "1");
        all.Router.Set("ipv6/conf/all/forwarding", "1");
        all.Router.IpBatch([$"address add {Outside}/32 dev lo", $"address add {Outside6}/128 dev lo nodad"]);
        if (isShared)
        {
            all.Router.IpBatch(["link add br0 type bridge", "link set br0 up", "address add 10.0.0.254/24 dev br0"]);
            all.Router.Ip("address add fd10::fe/64 dev br0 nodad");
        }

        for (var i = 1; i <= count; i++)
        {
            await all.AddNodeAsync(i, cancellationToken);
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Router.Dispose();
        await _cluster.DisposeAsync();
    }

    /// <summary>
    /// A node without links, routes, rules and pods, as after a reboot; its disk is the same.
    /// </summary>
    /// <param name="keepsState">Whether the folder of reservations is on the disk, against its default.</param>
    public async Task RebootAsync(int index, bool keepsState)
    {
        var node = _nodes[index];
        await node.StopAsync();
        Router.Ip($"link del node{index + 1}");
        node.BeginAgain(Plug(index + 1), keepsState);
    }

    private string AddressOf(int number) => _isShared ? $"10.0.0.{number}" : $"10.0.{number}.1";

    private string Address6Of(int number) => _isShared ? $"fd10::{number}" : $"fd10:{number}::1";

    /// <summary>A network with a link to the router.</summary>
    private NetworkNamespace Plug(int number)
    {
        var place = new NetworkNamespace();
        place.Set("ipv4/ip_forward", "1");
        place.Set("ipv6/conf/all/forwarding", "1");
        Router.Ip($"link add node{number} type veth peer name eth0 netns {place.Name}");
        Router.IpBatch(
        [
            $"link set node{number} up",
            .. _isShared
                ? (string[])[$"link set node{number} master br0"]
                :
                [
                    $"address add 10.0.{number}.254/24 dev node{number}",
                    $"address add fd10:{number}::fe/64 dev node{number} nodad",
                ],
        ]);
        place.IpBatch(
        [
            "link set eth0 up",
            $"address add {AddressOf(number)}/24 dev eth0",
            $"route add default via {(_isShared ? "10.0.0.254" : $"10.0.{number}.254")}",
            $"address add {Address6Of(number)}/64 dev eth0 nodad",
            $"route add default via {(_isShared ? "fd10::fe" : $"fd10:{number}::fe")}",
        ]);
        return place;
    }

    private async Task AddNodeAsync(int number, CancellationToken cancellationToken)
    {
        var place = Plug(number);
        var (address, address6) = (AddressOf(number), Address6Of(number));
        await _cluster.AddNodeAsync(
            new V1Node
            {
                Metadata = new() { Name = $"n{number}" },
                Status = new()
                {
                    Addresses =
                    [
                        new() { Type = "InternalIP", Address = address },
                        new() { Type = "InternalIP", Address = address6 },
                    ],
                    Capacity = new Dictionary<string, ResourceQuantity> { ["pods"] = new("110") },
                },
            },
            cancellationToken);
        _nodes.Add(new DynoNode(_cluster, $"n{number}", place, IPAddress.Parse(address))
        {
            Address6 = IPAddress.Parse(address6),
        });
    }
}

/// <summary>A node, its folders, and its agent.</summary>
internal sealed class DynoNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(400);

    private static int _sent;

    private readonly AgentCluster _cluster;
    private readonly string _folder = Directory.CreateTempSubdirectory("dyno-network-").FullName;
    private readonly List<NetworkNamespace> _pods = [];
    private CancellationTokenSource? _stop;
    private Task? _running;

    public DynoNode(AgentCluster cluster, string name, NetworkNamespace place, IPAddress address)
    {
        _cluster = cluster;
        (Place, Address) = (place, address);
        Options = new DynoNetworkOptions
        {
            Node = name,
            ConfigurationFolder = Directory.CreateDirectory(Path.Combine(_folder, "net.d")).FullName,
            PluginFolder = CniRuntime.PluginFolder!,
            ReservationFolder = Path.Combine(_folder, "state"),
        };
        Runtime = new CniRuntime(place, Options.ConfigurationFolder);
    }

    public NetworkNamespace Place { get; private set; }

    public IPAddress Address { get; }

    public required IPAddress Address6 { get; init; }

    public DynoNetworkOptions Options { get; set; }

    /// <summary>Replaces parts of the agent's access to the kernel.</summary>
    public Func<KernelAccess, KernelAccess> Kernel { get; set; } = kernel => kernel;

    public CniRuntime Runtime { get; private set; }

    public string ConfigurationFile => Path.Combine(Options.ConfigurationFolder, CniConfiguration.FileName);

    public IEnumerable<string> Reservations =>
        Directory.Exists(Path.Combine(Options.ReservationFolder, CniConfiguration.Network))
            ? Directory.GetFiles(Path.Combine(Options.ReservationFolder, CniConfiguration.Network))
                .Select(path => Path.GetFileName(path)).Where(name => IPAddress.TryParse(name, out _))
            : [];

    /// <summary>Starts the agent, in place of the one that runs.</summary>
    public async Task<DynoNetworkAgent> StartAsync(PolicyAgent? policies = null)
    {
        await StopAsync();
        _stop = new CancellationTokenSource();
        var agent = new DynoNetworkAgent(
            Options, _cluster.Transport(), () => Place.Run(() => Kernel(KernelAccess.Open(NetworkTable.Name))),
            () => Place.Run(() => new NetworkMonitorSocket()), TimeProvider.System, NullLoggerFactory.Instance)
        {
            Unfenced = block => policies?.Unfenced(block),
            OnBlock = () => policies?.Wake(),
        };
        _running = agent.RunAsync(_stop.Token);
        return agent;
    }

    /// <summary>Starts the agent and waits until the network stands.</summary>
    public async Task<DynoNetworkAgent> SettleAsync()
    {
        var agent = await StartAsync();
        if (await Task.WhenAny(agent.Settled, _running!, Task.Delay(Patience)) == _running)
        {
            await _running;
        }

        Assert.True(agent.Settled.IsCompletedSuccessfully, agent.Report.Message);
        return agent;
    }

    public async Task StopAsync()
    {
        if (_stop is not null)
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running!);
            _stop.Dispose();
            _stop = null;
        }
    }

    /// <summary>A pod with the network that the node's configuration gives it.</summary>
    public async Task<DynoPod> AddPodAsync()
    {
        var place = new NetworkNamespace();
        lock (_pods)
        {
            _pods.Add(place);
        }

        var addresses = await Runtime.AddAllAsync(place);
        return new DynoPod(place, addresses[0]) { Address6 = addresses.ElementAtOrDefault(1) };
    }

    /// <summary>A runtime deletes a pod by the configuration that it was added by, also where that is gone.</summary>
    public void Free(DynoPod pod)
    {
        File.Delete(Path.Combine(Options.ReservationFolder, CniConfiguration.Network, pod.Address.ToString()));
        pod.Place.Ip("link del eth0");
    }

    /// <summary>Those of some pods that are on this node.</summary>
    public IEnumerable<DynoPod> Pods(IEnumerable<DynoPod> pods)
    {
        lock (_pods)
        {
            return [.. pods.Where(pod => _pods.Contains(pod.Place))];
        }
    }

    public Task DeletePodAsync(DynoPod pod) => Runtime.DeleteAsync(pod.Place);

    public string Table() => Place.Nft("list table inet dynospace_network");

    /// <summary>Whether datagrams arrive, and the address that they seem to come from.</summary>
    public static async Task<IPAddress?> SendAsync(
        NetworkNamespace from, IPAddress? source, NetworkNamespace to, IPAddress target, bool isExpected = true,
        int size = 4)
    {
        using var receiver = Open(to, target.AddressFamily);
        receiver.Bind(new IPEndPoint(target, 0));
        return await SendAsync(from, source, receiver, (IPEndPoint)receiver.LocalEndPoint!, isExpected, size);
    }

    /// <inheritdoc cref="SendAsync(NetworkNamespace, IPAddress?, NetworkNamespace, IPAddress, bool, int)"/>
    public static async Task<IPAddress?> SendAsync(
        NetworkNamespace from, IPAddress? source, Socket receiver, IPEndPoint target, bool isExpected, int size = 4)
    {
        var any = target.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        using var sender = Open(from, target.AddressFamily);
        sender.Bind(new IPEndPoint(source ?? any, 0));
        using var limit = new CancellationTokenSource(isExpected ? Patience : Moment);
        // The receiver may still have packets of an earlier sender.
        var packet = new byte[size];
        BinaryPrimitives.WriteInt32LittleEndian(packet, Interlocked.Increment(ref _sent));
        var receiving = ReceiveAsync();
        while (!receiving.IsCompleted)
        {
            try
            {
                await sender.SendToAsync(packet, target);
            }
            catch (SocketException)
            {
                // An ICMP error for the one before.
            }

            await Task.WhenAny(receiving, Task.Delay(50));
        }

        try
        {
            return await receiving;
        }
        catch (OperationCanceledException)
        {
            return null;
        }

        async Task<IPAddress> ReceiveAsync()
        {
            var received = new byte[size];
            while (true)
            {
                var result = await receiver.ReceiveFromAsync(received, new IPEndPoint(any, 0), limit.Token);
                if (received.AsSpan(0, result.ReceivedBytes).SequenceEqual(packet))
                {
                    return ((IPEndPoint)result.RemoteEndPoint).Address;
                }
            }
        }
    }

    public static Socket Open(NetworkNamespace place, AddressFamily family = AddressFamily.InterNetwork) =>
        place.Run(() => new Socket(family, SocketType.Dgram, ProtocolType.Udp));

    /// <summary>Goes on in another network, with nothing in it.</summary>
    public void BeginAgain(NetworkNamespace place, bool keepsState)
    {
        RemovePods();
        Place.Dispose();
        Place = place;
        Runtime = new CniRuntime(place, Options.ConfigurationFolder);
        if (!keepsState)
        {
            Directory.Delete(Options.ReservationFolder, recursive: true);
        }
    }

    /// <summary>Takes all pods away with their namespaces.</summary>
    public void RemovePods()
    {
        _pods.ForEach(pod => pod.Dispose());
        _pods.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        RemovePods();
        Place.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A pod and its address.</summary>
internal sealed record DynoPod(NetworkNamespace Place, IPAddress Address)
{
    /// <summary>Its IPv6 address; null for none.</summary>
    public IPAddress? Address6 { get; init; }
}
