// Routing: which app answers for a host, by which dynos and to which callers: an immutable table, replaced as a whole.

using System.Collections.Frozen;
using System.Net;

namespace Dynospace.Router.Routing;

/// <summary>Where the request path reads the current routes.</summary>
public interface IRoutingTable
{
    /// <summary>After <see cref="Current"/> was swapped.</summary>
    event EventHandler? Changed;

    /// <summary>The routes as they are now; a request reads it once.</summary>
    RoutingSnapshot Current { get; }
}

/// <summary>All that a request needs to know, immutable; a change is a new snapshot.</summary>
/// <param name="Hosts">Host without port to app; made by <see cref="HostsOf"/>, so that case does not matter.</param>
/// <param name="TrustedRanges">Who may send; an empty set admits nobody.</param>
/// <param name="Settings">How requests are served.</param>
public sealed record RoutingSnapshot(
    FrozenDictionary<string, AppRoute> Hosts, AddressRanges TrustedRanges, RouterSettings Settings)
{
    /// <summary>Knows no host and admits nobody: what is served before the first routes are known.</summary>
    public static RoutingSnapshot Empty { get; } = new(HostsOf([]), AddressRanges.Nobody, new());

    /// <summary>Which addresses are not those of clients.</summary>
    public Callers Callers { get; init; } = Callers.NotJudged;

    /// <summary>Whether an address may send requests.</summary>
    public bool Admits(IPAddress address) => Callers.Admits(address, TrustedRanges);

    /// <summary>The table of hosts.</summary>
    public static FrozenDictionary<string, AppRoute> HostsOf(IEnumerable<KeyValuePair<string, AppRoute>> hosts) =>
        hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Holds the current snapshot; what watches the cluster publishes the next.</summary>
public sealed class RoutingTable : IRoutingTable
{
    private volatile RoutingSnapshot _current = RoutingSnapshot.Empty;

    /// <inheritdoc/>
    public event EventHandler? Changed;

    /// <inheritdoc/>
    public RoutingSnapshot Current => _current;

    /// <summary>Swaps the snapshot; requests in flight keep the one that they began with.</summary>
    public void Publish(RoutingSnapshot snapshot)
    {
        _current = snapshot;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}

/// <summary>Hosts as requests write them.</summary>
public static class RequestHost
{
    /// <summary>The host that a Host header asks for, without port and final dot.</summary>
    public static ReadOnlySpan<char> WithoutPort(string? header)
    {
        var host = header.AsSpan();
        var port = host.LastIndexOf(':');
        if (port >= 0 && host.LastIndexOf(']') < port)
        {
            host = host[..port];
        }

        return host is [.. var name, '.'] ? name : host;
    }

    /// <summary>The app that a Host header asks for.</summary>
    public static AppRoute? Find(this RoutingSnapshot snapshot, string header) =>
        snapshot.Hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(WithoutPort(header), out var route)
            ? route
            : null;
}
