// Wiring: connects nodes, pods and places beyond the cluster.

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using DevCluster.Network.Kernel;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Wiring;

/// <summary>
/// The links: a bridge that the nodes are on, a veth pair for each pod with a /30, and the places outside behind the
/// bridge's router. All of it is inside namespaces of its own; the network of this machine sees nothing.
/// </summary>
/// <param name="publicNetwork">A network of the outside in which nodes have an address each; null for none.</param>
internal sealed class Fabric(RunIdentity run, string apiServerAddress, IPNetwork? publicNetwork) : IAsyncDisposable
{
    private const string Router = "192.168.240.1";
    private const int LongestLinkName = 15;
    private const string LinkRouter = "169.254.1.1";

    /// <summary>Of load balancers, whose addresses the router of the bridge translates.</summary>
    private const string Balancers = "198.18.0.0/15";

    /// <summary>Of Services, which places outside reach as they do over a VPN that routes them.</summary>
    private const string Services = "10.96.0.0/12";

    private readonly ConcurrentDictionary<string, NodeLink> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NetworkNamespace> _all = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);
    private NetworkNamespace? _wire;
    private int _links;

    /// <summary>The router between the nodes and the world, where the API server answers as well.</summary>
    public NetworkNamespace Wire => _wire ?? throw new InvalidOperationException("The network was not started.");

    public IReadOnlyCollection<string> Nodes => [.. _nodes.Keys];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _wire = await CreateAsync("wire", cancellationToken);
        _wire.Set([("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0")]);
        await _wire.IpAsync(
            [
                "link add br0 type bridge",
                "link set br0 up",
                $"address add {Router}/24 dev br0",
                $"address add {apiServerAddress}/32 dev br0",
                $"route add {Balancers} dev lo",
                $"route add {Services} dev lo",
                .. publicNetwork is null ? Array.Empty<string>() : [$"address add {PublicAddress(0)} dev br0"],
            ],
            cancellationToken);
    }

    public NetworkNamespace? Node(string name) => _nodes.GetValueOrDefault(name)?.Namespace;

    public async Task<NetworkNamespace> AddNodeAsync(RuntimeNode node, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var made = await CreateAsync($"node-{node.Name}", cancellationToken);

            // Strict reverse paths: a pod that forges a source is not heard.
            made.Set(
                [("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "1"), ("ipv4/conf/default/rp_filter", "1")]);
            // By its name, so that people find the link that they cut.
            var link = node.Name.Length <= LongestLinkName ? node.Name : NextLink("n");
            await Wire.IpAsync(
                [
                    $"link add {link} type veth peer name eth0 netns {made.Name}",
                    $"link set {link} master br0 up",
                    $"route add {node.PodRange} via {node.Address}",
                ],
                cancellationToken);
            await made.IpAsync(
                [
                    "link set eth0 up",
                    $"address add {node.Address}/24 dev eth0",
                    .. publicNetwork is null
                        ? Array.Empty<string>()
                        : [$"address add {PublicAddress(_nodes.Count + 1)} dev eth0"],
                    $"route add default via {Router}",
                    .. _nodes.Values.Select(other => $"route add {other.Range} via {other.Address}"),
                ],
                cancellationToken);
            foreach (var other in _nodes.Values)
            {
                await other.Namespace.IpAsync([$"route add {node.PodRange} via {node.Address}"], cancellationToken);
            }

            _nodes[node.Name] = new NodeLink(made, link, node.Address, node.PodRange);
            return made;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes a node off the network, as if the machine had died, or gives it back.</summary>
    public Task SetNodeLinkAsync(string name, bool isUp, CancellationToken cancellationToken) =>
        _nodes.TryGetValue(name, out var node)
            ? Wire.IpAsync([$"link set {node.Link} {(isUp ? "up" : "down")}"], cancellationToken)
            : throw new NetworkException($"there is no node {name}");

    /// <summary>
    /// A namespace with one interface, with the second host address of a /30 whose first is the node's.
    /// </summary>
    public async Task<NetworkNamespace> AddPodAsync(
        string name, NetworkNamespace node, IPAddress address, CancellationToken cancellationToken)
    {
        var made = await CreateAsync(name, cancellationToken);
        var link = NextLink("p");
        var gateway = Before(address);
        await node.IpAsync(
            [
                $"link add {link} type veth peer name eth0 netns {made.Name}",
                $"address add {gateway}/30 dev {link}",
                $"link set {link} up",
            ],
            cancellationToken);
        await made.IpAsync(
            ["link set eth0 up", $"address add {address}/30 dev eth0", $"route add default via {gateway}"],
            cancellationToken);
        return made;
    }

    public async Task<NetworkNamespace> AddPlaceAsync(OutsidePlace place, CancellationToken cancellationToken)
    {
        var made = await CreateAsync($"place-{NameOf(place)}", cancellationToken);
        var link = NextLink("o");
        await Wire.IpAsync(
            [
                $"link add {link} type veth peer name eth0 netns {made.Name}",
                $"link set {link} up",
                $"address add {LinkRouter} peer {place.Addresses[0]} dev {link}",
                .. place.Addresses.Skip(1).Select(address => $"route add {address} dev {link}"),
            ],
            cancellationToken);
        await made.IpAsync(
            [
                "link set eth0 up",
                .. place.Addresses.Select(address => $"address add {address} dev eth0"),
                $"route add {LinkRouter} dev eth0",
                $"route add default via {LinkRouter} src {place.Addresses[0]}",
            ],
            cancellationToken);
        return made;
    }

    public Task RemoveAsync(NetworkNamespace made)
    {
        _all.TryRemove(made.Name, out _);
        return made.DeleteAsync();
    }

    /// <summary>Removes everything; processes in it are killed.</summary>
    public async ValueTask DisposeAsync()
    {
        var all = _all.Values.ToList();
        Leftovers.KillIn([.. all.Select(made => made.Path)]);
        await Task.WhenAll(all.Select(async made =>
        {
            try
            {
                await RemoveAsync(made);
            }
            catch (NetworkException)
            {
                // Somebody removed it by hand.
            }
        }));
        _changing.Dispose();
    }

    private async Task<NetworkNamespace> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var made = await NetworkNamespace.CreateAsync(run.Prefix + name, cancellationToken);
        _all[made.Name] = made;
        return made;
    }

    private string NextLink(string kind) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}{Interlocked.Increment(ref _links)}");

    private static string NameOf(OutsidePlace place) =>
        string.Concat(place.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));

    private static IPAddress Before(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes[^1]--;
        return new IPAddress(bytes);
    }

    /// <summary>An address of the public network with its prefix, counted from the last one.</summary>
    private string PublicAddress(int fromLast)
    {
        var network = publicNetwork!.Value;
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1] |= (byte)((1 << (32 - network.PrefixLength)) - 2 - fromLast);
        return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/{network.PrefixLength}");
    }

    private sealed record NodeLink(NetworkNamespace Namespace, string Link, string Address, string Range);
}
