// Wiring: connects nodes, pods and places outside the cluster.

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using DevCluster.Network.Kernel;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Runtime;
using Dynospace.Linux.Networking;

namespace DevCluster.Network.Wiring;

/// <summary>
/// The links: a bridge for the nodes, a veth pair with a /30 for each pod, and the outside places behind the bridge's
/// router. Everything is inside dedicated namespaces, invisible to the network of this machine.
/// </summary>
/// <param name="publicNetwork">An outside network in which each node has an address; null for none.</param>
/// <param name="second">The IPv6 addresses of nodes; null for none.</param>
/// <param name="plugins">The CNI plugins that connect pods; null to use netlink.</param>
internal sealed class Fabric(
    RunIdentity run, string apiServerAddress, IPNetwork? publicNetwork, SecondFamily? second, PodPlugins? plugins)
    : IDisposable
{
    private const string Router = "192.168.240.1";
    private const int NodePrefix = 24;
    private const int NodePrefix6 = 64;
    private const int LongestLinkName = 15;

    private static readonly IPAddress LinkRouter = IPAddress.Parse("169.254.1.1");
    private static readonly IPAddress LinkRouter6 = IPAddress.Parse("fe80::1");
    private static readonly IPNetwork Everywhere = new(IPAddress.Any, 0);
    private static readonly IPNetwork Everywhere6 = new(IPAddress.IPv6Any, 0);

    /// <summary>Checks reverse paths of IPv6: the rp_filter sysctl covers only IPv4.</summary>
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

    /// <summary>Addresses of load balancers, which the bridge's router translates.</summary>
    private static readonly IPNetwork Balancers = IPNetwork.Parse("198.18.0.0/15");

    /// <summary>Addresses of Services. Outside places reach them as over a VPN that routes them.</summary>
    private static readonly IPNetwork Services = IPNetwork.Parse("10.96.0.0/12");

    private readonly ConcurrentDictionary<string, NodeLink> _nodes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Netns> _all = new(StringComparer.Ordinal);
    private readonly Lock _changing = new();
    private Netns? _wire;
    private int _bridge;
    private int _links;

    /// <summary>The router between the nodes and the outside, which also hosts the API server.</summary>
    public Netns Wire => _wire ?? throw new InvalidOperationException("The network was not started.");

    public IReadOnlyCollection<string> Nodes => [.. _nodes.Keys];

    public void Start()
    {
        _wire = Create("wire");
        _wire.Set([("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0")]);
        if (second is not null)
        {
            _wire.Set([Forwarding6]);
        }

        _wire.Configure(network =>
        {
            network.Links.Add(new BridgeLink("br0") { IsUp = true });
            _bridge = network.Links.Find("br0")!.Index;
            network.Addresses.Add(new LinkAddress(IPAddress.Parse(Router), NodePrefix, _bridge));
            network.Addresses.Add(Single(IPAddress.Parse(apiServerAddress), _bridge));
            var loopback = network.Links.List().Single(link => link.IsLoopback).Index;
            network.Routes.Add(new Route(Balancers) { Link = loopback });
            network.Routes.Add(new Route(Services) { Link = loopback });
            if (PublicAddress(0, _bridge) is { } address)
            {
                network.Addresses.Add(address);
            }

            if (second is not null)
            {
                network.Addresses.Add(
                    new LinkAddress(IPAddress.Parse(second.NodeAddress(Router)), NodePrefix6, _bridge));
            }
        });
    }

    public Netns? Node(string name) => _nodes.GetValueOrDefault(name)?.Namespace;

    public Netns AddNode(RuntimeNode node)
    {
        lock (_changing)
        {
            var made = Create($"node-{node.Name}");

            // Strict reverse path filtering drops packets with a forged source.
            made.Set(
                [("ipv4/ip_forward", "1"), ("ipv4/conf/all/rp_filter", "1"), ("ipv4/conf/default/rp_filter", "1")]);
            if (second is not null)
            {
                made.Set([Forwarding6]);
                made.Filter(ReversePath6);
            }

            // Named after the node, so that users find the link to cut.
            var link = node.Name.Length <= LongestLinkName ? node.Name : NextLink("n");
            Wire.Connect(link, made, _bridge);
            AddRoutes(Wire, WaysTo(node));
            made.Configure(network =>
            {
                var uplink = Uplink(network);
                network.Addresses.Add(new LinkAddress(IPAddress.Parse(node.Address), NodePrefix, uplink));
                if (PublicAddress(_nodes.Count + 1, uplink) is { } address)
                {
                    network.Addresses.Add(address);
                }

                network.Routes.Add(new Route(Everywhere) { Gateway = IPAddress.Parse(Router) });
                if (second is not null)
                {
                    network.Addresses.Add(new LinkAddress(IPAddress.Parse(node.Address6!), NodePrefix6, uplink));
                    network.Routes.Add(
                        new Route(Everywhere6) { Gateway = IPAddress.Parse(second.NodeAddress(Router)) });
                }
            });
            AddRoutes(made, _nodes.Values.SelectMany(other => WaysTo(other.Node)));
            foreach (var other in _nodes.Values)
            {
                AddRoutes(other.Namespace, WaysTo(node));
            }

            _nodes[node.Name] = new NodeLink(made, link, node);
            return made;
        }
    }

    /// <summary>Disconnects a node as if the machine had failed, or reconnects it.</summary>
    /// <exception cref="NetworkException">There is no such node.</exception>
    public void SetNodeLink(string name, bool isUp)
    {
        if (!_nodes.TryGetValue(name, out var node))
        {
            throw new NetworkException($"there is no node {name}");
        }

        Wire.Configure(network => network.Links.Change(
            network.Links.Find(node.Link)!.Index, new LinkChange { IsUp = isUp }));
    }

    /// <summary>
    /// Adds a namespace with one interface. Its address is the second host of a /30, and the first host is the node's.
    /// CNI plugins create the link if this machine has them.
    /// </summary>
    public async Task<Netns> AddPodAsync(
        string name, Netns node, IPAddress address, IPAddress? address6, CancellationToken cancellationToken)
    {
        var made = Create(name);
        try
        {
            List<(IPAddress, int, IPAddress)> addresses = [(address, 30, Before(address))];
            if (address6 is not null)
            {
                addresses.Add((address6, 126, Before(address6)));
            }

            if (plugins is null)
            {
                Link(node, made, addresses);
            }
            else
            {
                await plugins.AddAsync(node, made, addresses, cancellationToken);
            }

            return made;
        }
        catch (NetworkException)
        {
            // A retry uses the same name.
            Remove(made);
            throw;
        }
    }

    private void Link(
        Netns node, Netns pod, IReadOnlyList<(IPAddress Address, int PrefixLength, IPAddress Gateway)> addresses)
    {
        var link = node.Connect(NextLink("p"), pod);
        node.Configure(network =>
        {
            foreach (var (_, prefix, gateway) in addresses)
            {
                network.Addresses.Add(new LinkAddress(gateway, prefix, link));
            }
        });
        pod.Configure(network =>
        {
            var uplink = Uplink(network);
            foreach (var (address, prefix, gateway) in addresses)
            {
                network.Addresses.Add(new LinkAddress(address, prefix, uplink));
                network.Routes.Add(
                    new Route(prefix > 32 ? Everywhere6 : Everywhere) { Gateway = gateway, Link = uplink });
            }
        });
    }

    public Netns AddPlace(OutsidePlace place)
    {
        var made = Create($"place-{NameOf(place)}");
        var link = Wire.Connect(NextLink("o"), made);
        List<IPAddress> addresses = [.. place.Addresses.Select(IPAddress.Parse)];
        Wire.Configure(network =>
        {
            network.Addresses.Add(place.IsIPv6
                ? new LinkAddress(LinkRouter6, NodePrefix6, link)
                : Single(LinkRouter, link) with { Peer = addresses[0] });
            foreach (var address in place.IsIPv6 ? addresses : addresses.Skip(1))
            {
                network.Routes.Add(new Route(To(address)) { Link = link });
            }
        });
        made.Configure(network =>
        {
            var uplink = Uplink(network);
            foreach (var address in addresses)
            {
                network.Addresses.Add(Single(address, uplink));
            }

            if (!place.IsIPv6)
            {
                network.Routes.Add(new Route(To(LinkRouter)) { Link = uplink });
            }

            network.Routes.Add(new Route(place.IsIPv6 ? Everywhere6 : Everywhere)
            {
                Gateway = place.IsIPv6 ? LinkRouter6 : LinkRouter,
                Link = uplink,
                Source = addresses[0],
            });
        });
        return made;
    }

    public void Remove(Netns made)
    {
        _all.TryRemove(made.Name, out _);
        made.Delete();
    }

    /// <summary>Removes all namespaces and kills the processes in them.</summary>
    public void Dispose()
    {
        var all = _all.Values.ToList();
        Leftovers.KillIn([.. all.Select(made => made.Name)]);
        foreach (var made in all)
        {
            try
            {
                Remove(made);
            }
            catch (NetworkException)
            {
                // It was removed by other means.
            }
        }
    }

    private Netns Create(string name)
    {
        var made = Netns.Create(run.Prefix + name);
        _all[made.Name] = made;
        return made;
    }

    private static void AddRoutes(Netns place, IEnumerable<Route> routes) => place.Configure(network =>
    {
        foreach (var route in routes)
        {
            network.Routes.Add(route);
        }
    });

    /// <summary>The routes to the pod addresses of a node, of each IP family it has.</summary>
    private static IEnumerable<Route> WaysTo(RuntimeNode node)
    {
        yield return new Route(IPNetwork.Parse(node.PodRange)) { Gateway = IPAddress.Parse(node.Address) };
        if (node.PodRange6 is { } range)
        {
            yield return new Route(IPNetwork.Parse(range)) { Gateway = IPAddress.Parse(node.Address6!) };
        }
    }

    private static int Uplink(NetworkStack network) => network.Links.Find("eth0")!.Index;

    private static IPNetwork To(IPAddress address) => new(address, 8 * address.GetAddressBytes().Length);

    private static LinkAddress Single(IPAddress address, int link) => new(address, To(address).PrefixLength, link);

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

    /// <summary>An address of the public network, counted from the last; null without such a network.</summary>
    private LinkAddress? PublicAddress(int fromLast, int link)
    {
        if (publicNetwork is not { } network)
        {
            return null;
        }

        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1] |= (byte)((1 << (32 - network.PrefixLength)) - 2 - fromLast);
        return new LinkAddress(new IPAddress(bytes), network.PrefixLength, link);
    }

    private sealed record NodeLink(Netns Namespace, string Link, RuntimeNode Node);
}
