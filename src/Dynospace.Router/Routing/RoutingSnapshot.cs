using System.Collections.Frozen;

namespace Dynospace.Router.Routing;

/// <summary>All that a request needs to know, immutable; a change is a new snapshot.</summary>
/// <param name="Hosts">Host without port to app; made by <see cref="HostsOf"/>, so that case does not matter.</param>
/// <param name="TrustedRanges">Who may send; an empty set admits nobody.</param>
/// <param name="Settings">How requests are served.</param>
public sealed record RoutingSnapshot(FrozenDictionary<string, AppRoute> Hosts, AddressRanges TrustedRanges, RouterSettings Settings)
{
    /// <summary>Knows no host and admits nobody: what is served before the first routes are known.</summary>
    public static RoutingSnapshot Empty { get; } = new(HostsOf([]), AddressRanges.Nobody, new());

    /// <summary>The table of hosts.</summary>
    public static FrozenDictionary<string, AppRoute> HostsOf(IEnumerable<KeyValuePair<string, AppRoute>> hosts) =>
        hosts.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
}
