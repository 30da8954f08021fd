using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Requests;

/// <summary>What a client wants to upgrade to.</summary>
internal static class UpgradeRequest
{
    public static bool IsWebSocket(IHeaderDictionary headers) =>
        string.Equals(headers.Upgrade.ToString(), "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>HTTP/2 ends at the router: a dyno that took an upgrade to it would serve requests that nobody checked.</summary>
    public static bool IsHttp2(IHeaderDictionary headers) => headers.Upgrade.ToString().Contains("h2c", StringComparison.OrdinalIgnoreCase);
}
