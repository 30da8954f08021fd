using Dynospace.Router.Routing;

namespace Dynospace.Router.Requests;

/// <summary>The host that a request asks for, without port and final dot.</summary>
internal static class HostName
{
    public static ReadOnlySpan<char> Of(string? header)
    {
        var host = header.AsSpan();
        var port = host.LastIndexOf(':');
        if (port >= 0 && host.LastIndexOf(']') < port)
        {
            host = host[..port];
        }

        return host is [.. var name, '.'] ? name : host;
    }

    public static AppRoute? Find(this RoutingSnapshot snapshot, ReadOnlySpan<char> host) =>
        snapshot.Hosts.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(host, out var route) ? route : null;
}
