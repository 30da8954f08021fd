using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Dynospace.Router.Wire;

/// <summary>The first line of a response.</summary>
internal sealed class StatusLine
{
    private const int Prefix = 12;   // HTTP/1.1 200
    private readonly byte[] _bytes;

    private StatusLine(byte[] bytes, int status, string? reason, bool isHttp10) =>
        (_bytes, Status, Reason, IsHttp10) = (bytes, status, reason, isHttp10);

    public int Status { get; }

    /// <summary>Null if it is the status's standard reason.</summary>
    public string? Reason { get; }

    public bool IsHttp10 { get; }

    /// <summary>Whether it was made from exactly these bytes.</summary>
    public bool Is(ReadOnlySpan<byte> line) => line.SequenceEqual(_bytes);

    /// <param name="line">The line without its end.</param>
    /// <exception cref="RequestFailedException">It is not a status line.</exception>
    public static StatusLine Parse(ReadOnlySpan<byte> line)
    {
        if (line.Length < Prefix
            || !line.StartsWith("HTTP/1."u8)
            || !IsDigit(line[7])
            || line[8] != ' '
            || line[9] is < (byte)'1' or > (byte)'9' || !IsDigit(line[10]) || !IsDigit(line[11])
            || (line.Length > Prefix && line[Prefix] != ' ')
            || HeaderLine.HasControls(line))
        {
            throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse);
        }

        var status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        var reason = line.Length > Prefix ? Encoding.Latin1.GetString(line[(Prefix + 1)..]) : "";
        var isUsual = reason.Length == 0 || reason == ReasonPhrases.GetReasonPhrase(status);
        return new(line.ToArray(), status, isUsual ? null : reason, line[7] == '0');
    }

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';
}

/// <summary>One header of a response, checked when it was made.</summary>
public sealed class HeaderLine
{
    private const string Cookie = "Set-Cookie";

    private static readonly SearchValues<byte> Token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"u8);

    private static readonly SearchValues<byte> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 32).Where(b => b != '\t').Append(127).Select(b => (byte)b)]);

    private static readonly SearchValues<byte> Others =
        SearchValues.Create(
            [.. Enumerable.Range(0, 32).Where(b => b is not ('\t' or '\r' or '\0')).Append(127).Select(b => (byte)b)]);

    private readonly byte[] _bytes;

    private HeaderLine(byte[] bytes, string name, string value) =>
        (_bytes, Name, Value, Kind) = (bytes, name, value, KindOf(name));

    public string Name { get; }

    public string Value { get; }

    public HeaderKind Kind { get; }

    public bool IsCookie => Name.Equals(Cookie, StringComparison.OrdinalIgnoreCase);

    /// <summary>Its length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Whether it was made of just these bytes.</summary>
    public bool Is(ReadOnlySpan<byte> line) => line.SequenceEqual(_bytes);

    /// <param name="line">The line without its end.</param>
    /// <exception cref="RequestFailedException">It is not a header, or a cookie that is too long.</exception>
    public static HeaderLine Parse(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        var name = colon < 0 ? default : line[..colon].TrimEnd(" \t"u8);
        if (name.IsEmpty || name.ContainsAnyExcept(Token))
        {
            throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse);
        }

        var header = new HeaderLine(
            line.ToArray(), Known(Encoding.ASCII.GetString(name)), ValueOf(line[(colon + 1)..].Trim(" \t"u8)));
        return header.Value.Length > ResponseLimits.Cookie && header.IsCookie
            ? throw new RequestFailedException(RouterErrors.HttpRestriction)
            : header;
    }

    /// <summary>Whether text contains bytes that are not allowed in a line.</summary>
    public static bool HasControls(ReadOnlySpan<byte> text) => text.ContainsAny(Controls);

    /// <summary>
    /// A NUL or a carriage return becomes a space; any other control character is an error.
    /// </summary>
    private static string ValueOf(ReadOnlySpan<byte> bytes)
    {
        var value = Encoding.Latin1.GetString(bytes);
        return !HasControls(bytes) ? value
            : bytes.ContainsAny(Others) ? throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse)
            : value.Replace('\0', ' ').Replace('\r', ' ');
    }

    /// <summary>Kestrel finds a name faster if it is the same string object as its own.</summary>
    private static string Known(string name) => string.IsInterned(name) ?? name;

    private static HeaderKind KindOf(string name) =>
        name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? HeaderKind.Connection
        : name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) ? HeaderKind.ContentLength
        : name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) ? HeaderKind.TransferEncoding
        : HopHeaders.OfResponse.Contains(name) ? HeaderKind.Hop
        : HeaderKind.Plain;
}

/// <summary>How the router treats a header of a response.</summary>
public enum HeaderKind
{
    /// <summary>Passed on as it is.</summary>
    Plain,

    /// <summary>Hop-by-hop: ends at the router.</summary>
    Hop,

    /// <summary>Ends at the router, and may name other headers that do.</summary>
    Connection,

    ContentLength,

    TransferEncoding,
}

/// <summary>
/// Lines that this thread has read recently, on any connection: responses have most lines in common, and objects that a
/// thousand connections share stay in the processor's cache.
/// </summary>
internal static class KnownLines
{
    private const int Places = 512;

    /// <summary>A longer line is unlikely to be repeated.</summary>
    private const int Longest = 256;

    [ThreadStatic]
    private static HeaderLine?[]? _headers;

    [ThreadStatic]
    private static StatusLine? _status;

    /// <param name="line">The line without its end.</param>
    /// <exception cref="RequestFailedException">It is not a header, or a cookie that is too long.</exception>
    public static HeaderLine Header(ReadOnlySpan<byte> line)
    {
        if (line.Length > Longest)
        {
            return HeaderLine.Parse(line);
        }

        var hash = new HashCode();
        hash.AddBytes(line);
        ref var place = ref (_headers ??= new HeaderLine?[Places])[hash.ToHashCode() & (Places - 1)];
        if (place?.Is(line) == true)
        {
            return place;
        }

        var header = HeaderLine.Parse(line);
        if (!header.IsCookie)
        {
            place = header;   // A cookie belongs to one client.
        }

        return header;
    }

    /// <param name="line">The line without its end.</param>
    /// <exception cref="RequestFailedException">It is not a status line.</exception>
    public static StatusLine Status(ReadOnlySpan<byte> line) =>
        _status is { } known && known.Is(line) ? known : _status = StatusLine.Parse(line);
}
