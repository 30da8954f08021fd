using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Requests;

/// <summary>The client's own X-Forwarded-For, whatever it says, and on its right the address that the router saw.</summary>
internal static class ForwardedFor
{
    public static string Of(HttpContext context)
    {
        var seen = context.Connection.RemoteIpAddress;
        var address = seen is null ? "unknown" : (seen.IsIPv4MappedToIPv6 ? seen.MapToIPv4() : seen).ToString();
        var given = context.Request.Headers["X-Forwarded-For"];
        return given.Count == 0 ? address : $"{string.Join(", ", given.ToArray())}, {address}";
    }
}
