using System.Buffers;
using System.Security.Authentication;
using System.Security.Cryptography;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Proxying;

/// <summary>What follows the head of a request.</summary>
internal enum RequestKind
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>A body, of a stated length or in chunks.</summary>
    Body,

    /// <summary>Another protocol that the client asks to switch to, such as WebSocket.</summary>
    Upgrade,

    /// <summary>The same on an HTTP/2 stream (RFC 8441).</summary>
    ExtendedConnect,
}

/// <summary>The facts of a request that are known before a dyno is chosen.</summary>
internal sealed class RequestFacts
{
    public required string Host { get; init; }

    public required string Path { get; init; }

    public required RequestKind Kind { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The client's own X-Forwarded-For with the client's address appended.</summary>
    public required string ForwardedFor { get; init; }

    public required string Port { get; init; }

    public required bool IsTls { get; init; }

    public required long StartedUnixMilliseconds { get; init; }

    /// <summary>
    /// Whether it may be sent again if its connection turns out to be closed, because it is idempotent and has no body.
    /// </summary>
    public required bool IsRepeatable { get; init; }
}

/// <summary>A request together with the app it is for.</summary>
internal sealed class Visit
{
    public required RequestFacts Facts { get; init; }

    public required AppRoute Route { get; set; }

    /// <summary>The routes when the request was admitted.</summary>
    public required RoutingSnapshot Admitted { get; init; }

    public RouterSettings Settings => Admitted.Settings;

    public required Exchange Exchange { get; init; }

    public required ClientBody Response { get; init; }

    /// <summary>Whether the client's body, if any, was read completely.</summary>
    public required bool HasRead { get; set; }

    /// <summary>The dyno tried last, as in the log line.</summary>
    public string? Dyno { get; set; }

    public RouterError? LastConnectError { get; set; }

    /// <summary>
    /// Passes on the rest of the client's body, for a dyno that has answered completely and keeps reading. Null in all
    /// other cases.
    /// </summary>
    public Func<Task>? Rest { get; set; }
}

/// <summary>The TLS of a request's connection, read while the connection is open.</summary>
public readonly record struct TlsFacts(bool IsTls, SslProtocols Protocol)
{
    public static TlsFacts FromFeatures(IFeatureCollection features)
    {
        try
        {
            return features.Get<ITlsHandshakeFeature>() is { } tls ? new(true, tls.Protocol) : default;
        }
        catch (ObjectDisposedException)
        {
            return new(true, SslProtocols.None);   // The connection has just ended, so the version is no longer known.
        }
    }
}

/// <summary>Keeps a client's request id if it is harmless, and otherwise generates one.</summary>
internal static class RequestId
{
    private const int Shortest = 20;
    private const int Longest = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>Random bytes are requested from the system for this many ids at once.</summary>
    private const int Supply = 256;

    private const int Size = 16;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public static string FromHeader(string? given) =>
        given is { Length: >= Shortest and <= Longest } && !given.AsSpan().ContainsAnyExcept(Allowed) ? given : Next();

    /// <summary>A random UUID (version 4).</summary>
    private static string Next()
    {
        var random = _random ??= new byte[Supply * Size];
        if (_used == 0)
        {
            RandomNumberGenerator.Fill(random);
        }

        var bytes = random.AsSpan(_used, Size);
        _used = (_used + Size) % random.Length;
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}

/// <summary>
/// The client's own X-Forwarded-For, whatever its content, with the address that the router saw appended.
/// </summary>
internal static class ForwardedFor
{
    public static string FromContext(HttpContext context)
    {
        var seen = context.Connection.RemoteIpAddress;
        var address = seen is null ? "unknown" : (seen.IsIPv4MappedToIPv6 ? seen.MapToIPv4() : seen).ToString();
        var given = context.Request.Headers["X-Forwarded-For"];
        return given.Count == 0 ? address : $"{string.Join(", ", given.ToArray())}, {address}";
    }
}

/// <summary>The target exactly as the client wrote it: the dyno gets it in the same encoding.</summary>
internal static class RequestTarget
{
    private static readonly SearchValues<char> Visible =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>The path and query of any form of target; null if a dyno could not serve it.</summary>
    public static string? PathOf(string rawTarget)
    {
        if (rawTarget.AsSpan().ContainsAnyExcept(Visible))
        {
            return null;
        }

        if (rawTarget is ['/', ..])
        {
            return rawTarget;
        }

        var authority = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return null;
        }

        var path = rawTarget.AsSpan(authority + 3).IndexOfAny('/', '?');
        return path < 0 ? "/"
            : rawTarget[authority + 3 + path] == '/' ? rawTarget[(authority + 3 + path)..]
            : $"/{rawTarget.AsSpan(authority + 3 + path)}";
    }
}
