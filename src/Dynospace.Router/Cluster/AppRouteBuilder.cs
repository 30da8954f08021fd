using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Cluster;

/// <summary>Pure: makes the route of an app from its cached objects.</summary>
internal static class AppRouteBuilder
{
    public static AppRoute Build(AppFacts app, IEnumerable<SliceFacts> slices, IEnumerable<DynoFacts> dynos, int port)
    {
        var endpoints = slices.Where(slice => slice.Service == app.Key && slice.Ports.Contains(port))
            .SelectMany(slice => slice.Endpoints)
            .Where(endpoint => IsPlausible(endpoint.Address))
            .Select(endpoint => Endpoint(app, endpoint, port))
            .OfType<DynoEndpoint>()
            .OrderBy(endpoint => endpoint.PodName, StringComparer.Ordinal)
            // Of a pod's two addresses the router uses the IPv4 one, which every kernel supports, whatever the order of
            // the slices: a choice that changes would end the connections to the dyno.
            .ThenBy(endpoint => endpoint.Address.AddressFamily == AddressFamily.InterNetworkV6)
            // Two slices may list the same pod, for instance while it moves between them; each dyno is counted once.
            .DistinctBy(endpoint => endpoint.PodName)
            .ToImmutableArray();
        return new AppRoute(
            app.Key.Namespace!, app.Key.Name, StateOf(app, endpoints, [.. dynos]), app.IsInMaintenance,
            app.RedirectsToHttps, endpoints);
    }

    /// <summary>
    /// Whether two routes are equal: records compare arrays by reference, and this compares the dynos.
    /// </summary>
    public static bool AreSame(AppRoute? one, AppRoute? other) =>
        one is null || other is null
            ? one == other
            : one with { Dynos = [] } == other with { Dynos = [] } && one.Dynos.SequenceEqual(other.Dynos);

    private static AppWebState StateOf(
        AppFacts app, ImmutableArray<DynoEndpoint> endpoints, IReadOnlyList<DynoFacts> dynos)
    {
        if (endpoints.Length > 0)
        {
            return AppWebState.Running;
        }

        if (!app.IsReleased)
        {
            return AppWebState.Blank;
        }

        if (app.WebQuantity == 0)
        {
            return AppWebState.NoWebDynos;
        }

        return dynos.Count > 0 && dynos.All(dyno => dyno.State == DynoState.Crashed)
            ? AppWebState.Crashed
            : AppWebState.Booting;
    }

    /// <summary>
    /// Reads a dyno from the name of its pod, <c>shop-web-1-x7f3k</c>; any other pod is not a web dyno of the app.
    /// Neither app nor type contains a double hyphen and a type is not a number, so the name has one reading only.
    /// </summary>
    private static DynoEndpoint? Endpoint(AppFacts app, SliceEndpoint endpoint, int port)
    {
        var stem = $"{app.Key.Name}-{ProcessTypes.Web}-";
        if (!endpoint.Pod.StartsWith(stem, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = endpoint.Pod[stem.Length..].Split('-');
        return rest.Length == 2 && int.TryParse(rest[0], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? new DynoEndpoint(
                string.Create(CultureInfo.InvariantCulture, $"{ProcessTypes.Web}.{index}"),
                endpoint.Pod,
                new IPEndPoint(endpoint.Address, port))
            : null;
    }

    /// <summary>
    /// No pod has such an address: the slice was made by hand, to reach something that only the router can reach.
    /// </summary>
    private static bool IsPlausible(IPAddress address) =>
        !IPAddress.IsLoopback(address)
            && !address.IsIPv6LinkLocal && !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
        && (address.AddressFamily != AddressFamily.InterNetwork || !IsLinkLocalOrMulticast(address));

    private static bool IsLinkLocalOrMulticast(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes[0] >= 224 || (bytes[0] == 169 && bytes[1] == 254) || bytes[0] == 0;
    }
}
