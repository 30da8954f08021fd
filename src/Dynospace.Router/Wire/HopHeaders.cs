using System.Collections.Frozen;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>Hop-by-hop headers, which end at the router.</summary>
public static class HopHeaders
{
    private static readonly string[] Hop =
    [
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE",
        "Transfer-Encoding", "Upgrade",
    ];

    /// <summary>Those of requests, including headers that the router sets itself.</summary>
    public static FrozenSet<string> OfRequest { get; } = FrozenSet.ToFrozenSet(
        [
            .. Hop, "HTTP2-Settings", "Trailer", "Host", "Content-Length", .. Own.SelectMany(Spellings),
        ],
        StringComparer.OrdinalIgnoreCase);

    public static FrozenSet<string> OfResponse { get; } = Hop.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Headers that a Connection header cannot remove.</summary>
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(
        ["Host", "Content-Length", "Content-Type", "Authorization", "Cookie", "Set-Cookie", "Expect"],
        StringComparer.OrdinalIgnoreCase);

    private static string[] Own =>
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Start", "X-Request-Id", "Via"];

    /// <summary>
    /// Every mix of dashes and underscores in a name: CGI and its successors (WSGI, Rack, PHP) treat them as equal, so
    /// a client's own <c>X_Forwarded-Proto</c> could replace the router's header.
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
    /// Whether a Connection header names more than the usual options, so that each name must be checked.
    /// </summary>
    public static bool NamesHeaders(StringValues connection) => connection.Count switch
    {
        0 => false,
        1 => !IsOption(connection[0]),
        _ => true,
    };

    /// <summary>Whether the Connection header makes this header hop-by-hop.</summary>
    public static bool IsNamed(StringValues connection, string header) =>
        Names(connection, header) && !Kept.Contains(header);

    /// <summary>Whether the Connection header contains this name or option.</summary>
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
