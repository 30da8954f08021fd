using System.Buffers.Binary;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>Notices when links, addresses, routes or rules change, also by this process.</summary>
public interface INetworkMonitor : IDisposable
{
    /// <summary>Waits until something changed; false if nothing did in the time.</summary>
    bool Wait(TimeSpan atMost);

    /// <summary>What changed since the last call.</summary>
    NetworkChanges Take();
}

/// <summary>What of a namespace changed.</summary>
/// <param name="Links">The indices of links that came or changed.</param>
/// <param name="DeletedLinks">The indices of links that went, also to another namespace.</param>
/// <param name="Routes">Whether routes, rules or addresses changed.</param>
/// <param name="IsComplete">Whether the kernel dropped no message; else anything may have changed.</param>
public sealed record NetworkChanges(
    IReadOnlySet<int> Links, IReadOnlySet<int> DeletedLinks, bool Routes, bool IsComplete)
{
    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => IsComplete && Links.Count == 0 && DeletedLinks.Count == 0 && !Routes;
}

/// <summary>The notifications of rtnetlink, of the namespace of the thread that opens it.</summary>
public sealed class NetworkMonitorSocket : INetworkMonitor
{
    // Links, addresses, routes and rules, of IPv4 and IPv6.
    private const uint Groups = 0x1 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x40000;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.Route, Groups);

    /// <inheritdoc/>
    public bool Wait(TimeSpan atMost) => _socket.Poll(atMost);

    /// <inheritdoc/>
    public NetworkChanges Take()
    {
        var links = new HashSet<int>();
        var deleted = new HashSet<int>();
        var routes = false;
        var isComplete = _socket.Drain(message =>
        {
            // A bridge notifies of its ports by messages of links in a family of its own.
            switch (message.Type)
            {
                case RouteMessages.NewLink when message.Body.Span[0] != RouteMessages.Bridge:
                    links.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Body.Span[4..]));
                    break;
                case RouteMessages.DeleteLink when message.Body.Span[0] != RouteMessages.Bridge:
                    deleted.Add(BinaryPrimitives.ReadInt32LittleEndian(message.Body.Span[4..]));
                    break;
                case RouteMessages.NewLink or RouteMessages.DeleteLink:
                    break;
                default:
                    routes = true;
                    break;
            }
        });
        return new NetworkChanges(links, deleted, routes, isComplete);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
