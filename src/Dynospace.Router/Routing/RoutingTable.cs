// Routing: which app serves a host, with which dynos and for which callers: an immutable table, replaced as a whole.

using System.Collections.Frozen;
using System.Net;

namespace Dynospace.Router.Routing;

/// <summary>Where the request path reads the current routes.</summary>
public interface IRoutingTable
{
    /// <summary>Raised after <see cref="Current"/> was replaced.</summary>
    event EventHandler? Changed;

    /// <summary>The current routes; a request reads them once.</summary>
    RoutingSnapshot Current { get; }
}

/// <summary>Everything that a request needs to know, immutable; each change makes a new snapshot.</summary>
/// <param name="Hosts">Apps by host without port; made by <see cref="HostsOf"/>, so that case does not matter.</param>
/// <param name="TrustedRanges">Who may send requests; an empty set admits nobody.</param>
/// <param name="Settings">How requests are served.</param>
public sealed record RoutingSnapshot(
    FrozenDictionary<string, AppRoute> Hosts, AddressRanges TrustedRanges, RouterSettings Settings)
{
    /// <summary>No hosts, nobody admitted: in force before the first routes are known.</summary>
    public static RoutingSnapshot Empty { get; } = new(HostsOf([]), AddressRanges.Nobody, new());

    /// <summary>Which addresses belong to the cluster rather than to clients.</summary>
    public Callers Callers { get; init; } = Callers.NotJudged;

    /// <summary>Whether an address may send requests.</summary>
    public bool Admits(IPAddress address) => Callers.Admits(address, TrustedRanges);

    /// <summary>Makes the table of hosts.</summary>
    public static FrozenDictionary<string, AppRoute> HostsOf(IEnumerable<KeyValuePair<string, AppRoute>> hosts) =>
        hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}

/// <summary>Holds the current snapshot; the cluster watch publishes the next.</summary>
public sealed class RoutingTable : IRoutingTable
{
    private volatile RoutingSnapshot _current = RoutingSnapshot.Empty;

    /// <inheritdoc/>
    public event EventHandler? Changed;

    /// <inheritdoc/>
    public RoutingSnapshot Current => _current;

    /// <summary>Replaces the snapshot; requests in flight keep the one that they began with.</summary>
    public void Publish(RoutingSnapshot snapshot)
    {
        _current = snapshot;
        Changed?.Invoke(this, EventArgs.Empty);
    }
}

/// <summary>Parses hosts of requests.</summary>
public static class RequestHost
{
    /// <summary>The host in a Host header, without port and final dot.</summary>
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

    /// <summary>The app that serves the host of a Host header.</summary>
    public static AppRoute? Find(this RoutingSnapshot snapshot, string header) =>
        snapshot.Hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(WithoutPort(header), out var route)
            ? route
            : null;
}
