using System.Buffers;
using System.Security.Authentication;
using System.Security.Cryptography;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Proxying;

/// <summary>What a request brings along behind its head.</summary>
internal enum RequestKind
{
    /// <summary>Nothing.</summary>
    Plain,

    /// <summary>A body, of the length that its head says or in chunks.</summary>
    Body,

    /// <summary>The protocol that the client asks to change to, such as WebSocket.</summary>
    Upgrade,

    /// <summary>The same on a stream of HTTP/2 (RFC 8441).</summary>
    ExtendedConnect,
}

/// <summary>What the router knows of a request before any dyno does.</summary>
internal sealed class RequestFacts
{
    public required string Host { get; init; }

    public required string Path { get; init; }

    public required RequestKind Kind { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The client's own X-Forwarded-For with its address on the right.</summary>
    public required string ForwardedFor { get; init; }

    public required string Port { get; init; }

    public required bool IsTls { get; init; }

    public required long StartedUnixMilliseconds { get; init; }

    /// <summary>
    /// Whether it may be sent again when its connection turns out closed: its repetition changes nothing.
    /// </summary>
    public required bool IsRepeatable { get; init; }
}

/// <summary>A request with the app it is for, on its way to a dyno.</summary>
internal sealed class Visit
{
    public required RequestFacts Facts { get; init; }

    public required AppRoute Route { get; set; }

    /// <summary>The routes that the request was admitted by.</summary>
    public required RoutingSnapshot Admitted { get; init; }

    public RouterSettings Settings => Admitted.Settings;

    public required Exchange Exchange { get; init; }

    public required ClientBody Response { get; init; }

    /// <summary>Whether the client's body, if there is one, was read to its end.</summary>
    public required bool HasRead { get; set; }

    /// <summary>The dyno tried last, as in the log line.</summary>
    public string? Dyno { get; set; }

    public RouterError? LastConnectError { get; set; }

    /// <summary>
    /// Of a dyno that has answered in full and goes on reading: the rest of the client's body, which still has to
    /// pass. Null in all other cases.
    /// </summary>
    public Func<Task>? Rest { get; set; }
}

/// <summary>The TLS of a request's connection, read while that is open.</summary>
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
            return new(true, SslProtocols.None);   // The connection ended a moment ago, and took the answer along.
        }
    }
}

/// <summary>A client's own id is kept when it is one that cannot do harm.</summary>
internal static class RequestId
{
    private const int Shortest = 20;
    private const int Longest = 200;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    /// <summary>Random bytes are asked of the system for so many ids at once.</summary>
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
/// The client's own X-Forwarded-For, whatever it says, and on its right the address that the router saw.
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

/// <summary>The target as the client wrote it: the dyno sees no other encoding of it.</summary>
internal static class RequestTarget
{
    private static readonly SearchValues<char> Visible =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c)]);

    /// <summary>The path and query of any form of target; null when there is none that a dyno could serve.</summary>
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
