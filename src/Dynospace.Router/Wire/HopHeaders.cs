using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>Headers that end at the router.</summary>
public static class HopHeaders
{
    private static readonly string[] Hop =
    [
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE",
        "Transfer-Encoding", "Upgrade",
    ];

    /// <summary>Of a request; those that the router sets itself are among them.</summary>
    public static FrozenSet<string> OfRequest { get; } = FrozenSet.ToFrozenSet(
        [
            .. Hop, "HTTP2-Settings", "Trailer", "Host", "Content-Length", .. Own.SelectMany(Spellings),
        ],
        StringComparer.OrdinalIgnoreCase);

    public static FrozenSet<string> OfResponse { get; } = Hop.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>What no Connection header can take away.</summary>
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["Host", "Content-Length", "Content-Type", "Authorization", "Cookie", "Set-Cookie", "Expect"],
        StringComparer.OrdinalIgnoreCase);

    private static string[] Own =>
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Start", "X-Request-Id", "Via"];

    /// <summary>
    /// Every mix of dashes and underscores of a name: CGI and its heirs (WSGI, Rack, PHP) take them for the same, so
    /// that a client's own <c>X_Forwarded-Proto</c> would stand in for the router's header.
    /// </summary>
    private static IEnumerable<string> Spellings(string name)
    {
        var dash = name.IndexOf('-', StringComparison.Ordinal);
        return dash < 0
            ? [name]
            : Spellings(name[(dash + 1)..]).SelectMany(
                rest => new[] { $"{name[..dash]}-{rest}", $"{name[..dash]}_{rest}" });
    }

    /// <summary>
    /// Whether a Connection header names more than the usual options, so that its names must be looked at.
    /// </summary>
    public static bool NamesHeaders(StringValues connection) => connection.Count switch
    {
        0 => false,
        1 => !IsOption(connection[0]),
        _ => true,
    };

    /// <summary>Whether the Connection header makes this header end here.</summary>
    public static bool IsNamed(StringValues connection, string header) =>
        Names(connection, header) && !Kept.Contains(header);

    /// <summary>Whether the Connection header has this name or option.</summary>
    public static bool Names(StringValues connection, string name)
    {
        foreach (var line in connection)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (line.AsSpan()[range].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsOption(string? value) =>
        string.Equals(value, "keep-alive", StringComparison.OrdinalIgnoreCase)
        || string.Equals(value, "close", StringComparison.OrdinalIgnoreCase);
}
