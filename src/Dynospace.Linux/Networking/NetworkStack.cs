// Networking: links, addresses, routes, rules, neighbours and tunnels of one network namespace, by rtnetlink.

using System.Net.Sockets;
using Dynospace.Linux.Namespaces;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

// Rtnetlink, one small interface for each subsystem. What is set is what the kernel shows: a record that was read can
// be compared with one that is desired, and given back to delete or set again.

/// <summary>
/// Links, addresses, routes, rules and neighbours of one network namespace. For one thread at a time, in any
/// namespace: a socket stays in the one that it was opened in.
/// </summary>
public sealed record NetworkStack : IDisposable
{
    private readonly NetlinkSocket _socket;

    private NetworkStack(NetlinkSocket socket)
    {
        _socket = socket;
        Links = new LinkSocket(socket);
        Addresses = new LinkAddressSocket(socket);
        Routes = new RouteSocket(socket);
        Rules = new RoutingRuleSocket(socket);
        Neighbours = new NeighbourSocket(socket);
        Ipsec = new IpsecPolicySocket();
    }

    /// <summary>Network interfaces.</summary>
    public ILinks Links { get; init; }

    /// <summary>The addresses of links.</summary>
    public ILinkAddresses Addresses { get; init; }

    /// <summary>Routes.</summary>
    public IRoutes Routes { get; init; }

    /// <summary>Rules that choose a routing table.</summary>
    public IRoutingRules Rules { get; init; }

    /// <summary>Neighbours, and the targets of tunnels.</summary>
    public INeighbours Neighbours { get; init; }

    /// <summary>IPsec policies.</summary>
    public IIpsecPolicies Ipsec { get; init; }

    /// <summary>Opens the namespace of the thread.</summary>
    /// <exception cref="SocketException">The kernel refuses a socket.</exception>
    public static NetworkStack Open() => new(new NetlinkSocket(NetlinkSocket.Route));

    /// <summary>Opens another namespace.</summary>
    /// <exception cref="SocketException">The kernel refuses a socket.</exception>
    /// <exception cref="NetworkNamespaceException">It cannot be entered.</exception>
    public static NetworkStack Open(NetworkNamespace place) => place.Run(Open);

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        Ipsec.Dispose();
    }
}
