// Wiring: connects nodes, pods and places beyond the cluster.

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DevCluster.Network.Kernel;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;

namespace DevCluster.Network.Wiring;

/// <summary>
/// The links: a bridge that the nodes are on, a veth pair for each pod with a /30, and the places outside behind the
/// bridge's router. All of it is inside namespaces of its own; the network of this machine sees nothing.
/// </summary>
/// <param name="publicNetwork">A network of the outside in which nodes have an address each; null for none.</param>
/// <param name="second">The IPv6 addresses of nodes; null for none.</param>
internal sealed class Fabric(
    RunIdentity run, string apiServerAddress, IPNetwork? publicNetwork, SecondFamily? second) : IAsyncDisposable
{
    private const string Router = "192.168.240.1";
    private const int LongestLinkName = 15;
    private const string LinkRouter = "169.254.1.1";
    private const string LinkRouter6 = "fe80::1";

    /// <summary>The kernel checks reverse paths of IPv4 alone.</summary>
    private const string ReversePath6 = """
        table ip6 devcluster_source {
          chain prerouting {
            type filter hook prerouting priority raw; policy accept;
            iif lo accept
            ip6 saddr :: accept
            fib saddr . iif oif missing drop
          }
        }
        """;

    private static readonly (string, string) Forwarding6 = ("ipv6/conf/all/forwarding", "1");

    /// <summary>Of load balancers, whose addresses the router of the bridge translates.</summary>
    private const string Balancers = "198.18.0.0/15";

    /// <summary>Of Services, which places outside reach as they do over a VPN that routes them.</summary>
    private const string Services = "10.96.0.0/12";

    private readonly ConcurrentDictionary<string, NodeLink> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Netns> _all = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly PodPlugins? _plugins = PodPlugins.Find();
    private Netns? _wire;
    private int _links;

    /// <summary>The router between the nodes and the world, where the API server answers as well.</summary>
    public Netns Wire => _wire ?? throw new InvalidOperationException("The network was not started.");

    public IReadOnlyCollection<string> Nodes => [.. _nodes.Keys];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _wire = await CreateAsync("wire", cancellationToken);
        _wire.Set([("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0")]);
        if (second is not null)
        {
            _wire.Set([Forwarding6]);
        }

        await _wire.IpAsync(
            [
                "link add br0 type bridge",
                "link set br0 up",
                $"address add {Router}/24 dev br0",
                $"address add {apiServerAddress}/32 dev br0",
                $"route add {Balancers} dev lo",
                $"route add {Services} dev lo",
                .. publicNetwork is null ? Array.Empty<string>() : [$"address add {PublicAddress(0)} dev br0"],
                .. second is null
                    ? Array.Empty<string>()
                    : [$"address add {second.NodeAddress(Router)}/64 dev br0 nodad"],
            ],
            cancellationToken);
    }

    public Netns? Node(string name) => _nodes.GetValueOrDefault(name)?.Namespace;

    public async Task<Netns> AddNodeAsync(RuntimeNode node, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var made = await CreateAsync($"node-{node.Name}", cancellationToken);

            // Strict reverse paths: a pod that forges a source is not heard.
            made.Set(
                [("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "1"), ("ipv4/conf/default/rp_filter", "1")]);
            if (second is not null)
            {
                made.Set([Forwarding6]);
                await made.NftAsync(ReversePath6, cancellationToken);
            }

            // By its name, so that people find the link that they cut.
            var link = node.Name.Length <= LongestLinkName ? node.Name : NextLink("n");
            await Wire.IpAsync(
                [
                    $"link add {link} type veth peer name eth0 netns {made.Name}",
                    $"link set {link} master br0 up",
                    $"route add {node.PodRange} via {node.Address}",
                    .. Way6(node),
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
                    .. _nodes.Values.Select(other => $"route add {other.Node.PodRange} via {other.Node.Address}"),
                    .. second is null
                        ? Array.Empty<string>()
                        :
                        [
                            $"address add {node.Address6}/64 dev eth0 nodad",
                            $"route add default via {second.NodeAddress(Router)}",
                        ],
                    .. _nodes.Values.SelectMany(other => Way6(other.Node)),
                ],
                cancellationToken);
            foreach (var other in _nodes.Values)
            {
                await other.Namespace.IpAsync(
                    [$"route add {node.PodRange} via {node.Address}", .. Way6(node)], cancellationToken);
            }

            _nodes[node.Name] = new NodeLink(made, link, node);
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
    /// A namespace with one interface, with the second host address of a /30 whose first is the node's: by the CNI
    /// plugins where this machine has them.
    /// </summary>
    public async Task<Netns> AddPodAsync(
        string name, Netns node, IPAddress address, IPAddress? address6, CancellationToken cancellationToken)
    {
        var made = await CreateAsync(name, cancellationToken);
        try
        {
            List<(IPAddress, int, IPAddress)> addresses = [(address, 30, Before(address))];
            if (address6 is not null)
            {
                addresses.Add((address6, 126, Before(address6)));
            }

            await (_plugins is null
                ? LinkAsync(node, made, addresses, cancellationToken)
                : _plugins.AddAsync(node, made, addresses, cancellationToken));
            return made;
        }
        catch (NetworkException)
        {
            // It is tried again under the same name.
            await RemoveAsync(made);
            throw;
        }
    }

    private async Task LinkAsync(
        Netns node,
        Netns pod,
        IReadOnlyList<(IPAddress Address, int PrefixLength, IPAddress Gateway)> addresses,
        CancellationToken cancellationToken)
    {
        var link = NextLink("p");
        await node.IpAsync(
            [
                $"link add {link} type veth peer name eth0 netns {pod.Name}",
                .. addresses.Select(
                    item => $"address add {item.Gateway}/{item.PrefixLength} dev {link}{Unchecked(item)}"),
                $"link set {link} up",
            ],
            cancellationToken);
        await pod.IpAsync(
            [
                "link set eth0 up",
                .. addresses.SelectMany(item => new[]
                {
                    $"address add {item.Address}/{item.PrefixLength} dev eth0{Unchecked(item)}",
                    $"route add default via {item.Gateway}",
                }),
            ],
            cancellationToken);

        // Nobody else has the address.
        static string Unchecked((IPAddress Address, int, IPAddress) item) =>
            item.Address.AddressFamily == AddressFamily.InterNetworkV6 ? " nodad" : "";
    }

    public async Task<Netns> AddPlaceAsync(OutsidePlace place, CancellationToken cancellationToken)
    {
        var made = await CreateAsync($"place-{NameOf(place)}", cancellationToken);
        var link = NextLink("o");
        if (place.IsIPv6)
        {
            await Wire.IpAsync(
                [
                    $"link add {link} type veth peer name eth0 netns {made.Name}",
                    $"link set {link} up",
                    $"address add {LinkRouter6}/64 dev {link} nodad",
                    .. place.Addresses.Select(address => $"route add {address} dev {link}"),
                ],
                cancellationToken);
            await made.IpAsync(
                [
                    "link set eth0 up",
                    .. place.Addresses.Select(address => $"address add {address} dev eth0 nodad"),
                    $"route add default via {LinkRouter6} dev eth0 src {place.Addresses[0]}",
                ],
                cancellationToken);
            return made;
        }

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

    public Task RemoveAsync(Netns made)
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

    private async Task<Netns> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var made = await Netns.CreateAsync(run.Prefix + name, cancellationToken);
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

    /// <summary>The way to the IPv6 addresses of a node's pods, of which a node has either all or none.</summary>
    private static IEnumerable<string> Way6(RuntimeNode node) =>
        node.PodRange6 is null ? [] : [$"route add {node.PodRange6} via {node.Address6}"];

    private sealed record NodeLink(Netns Namespace, string Link, RuntimeNode Node);
}
