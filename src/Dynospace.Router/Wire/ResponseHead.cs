using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>
/// Status and headers of a dyno's response, as one connection reads them again and again. A line that is the same,
/// byte for byte, as the one that stood at its place in the response before is known already: it is neither checked
/// nor made into strings another time.
/// </summary>
public sealed class ResponseHead
{
    private const int MaxLines = 32;
    private const int MaxRemembered = 256;

    [ThreadStatic]
    private static ResponseHead? _kept;

    private readonly List<HeaderLine> _lines = [];
    private readonly HeaderLine?[] _remembered = new HeaderLine?[MaxLines];
    private StatusLine? _status;
    private StringValues _connection;
    private bool _isEncoded;

    public int Status => _status!.Status;

    public string? Reason => _status!.Reason;

    /// <summary>Null when the head does not say.</summary>
    public long? ContentLength { get; private set; }

    public bool IsChunked { get; private set; }

    /// <summary>Whether the dyno closes its connection after this response.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Whether its status lets it have a body.</summary>
    public bool MayHaveBody =>
        Status is not (
            StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified);

    public bool IsInterim => Status is < 200 and not StatusCodes.Status101SwitchingProtocols;

    /// <summary>
    /// One to read with. Most responses have passed at once when their head was read, so that a thread needs one head
    /// for all its connections, which is still in the processor's cache.
    /// </summary>
    public static ResponseHead Take()
    {
        var head = _kept ?? new();
        _kept = null;
        return head;
    }

    /// <summary>Gives the head of a response that has passed to the next one.</summary>
    public static void Keep(ResponseHead head)
    {
        head.Clear();
        _kept = head;
    }

    /// <summary>Reads a whole head, its empty line included.</summary>
    /// <exception cref="RequestFailedException">It makes no sense or is beyond a limit.</exception>
    public void Read(Span<byte> head)
    {
        Clear();
        var line = HeadLines.Next(ref head, mayFold: false);
        if (_status is null || !_status.Is(line))
        {
            _status = KnownLines.Status(line);
        }

        while (true)
        {
            line = HeadLines.Next(ref head, mayFold: true);
            if (line.IsEmpty)
            {
                break;
            }

            Add(line);
        }

        Conclude();
    }

    /// <summary>The value of a header that does not pass by itself.</summary>
    public string? Find(string name) =>
        _lines.Find(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    /// <summary>Gives the client's response what passes.</summary>
    public void CopyTo(IHeaderDictionary target)
    {
        var namesHeaders = HopHeaders.NamesHeaders(_connection);
        foreach (var line in _lines)
        {
            if (line.Kind == HeaderKind.Plain && !(namesHeaders && HopHeaders.IsNamed(_connection, line.Name)))
            {
                var before = target[line.Name];
                target[line.Name] = before.Count == 0 ? line.Value : StringValues.Concat(before, line.Value);
            }
        }

        // Of the statuses without a body, only 304 states a length.
        if (ContentLength is { } length && (MayHaveBody || Status == StatusCodes.Status304NotModified))
        {
            target.ContentLength = length;
        }
    }

    /// <summary>Lets go of the last response.</summary>
    public void Clear()
    {
        _lines.Clear();
        _connection = StringValues.Empty;
        (_isEncoded, IsChunked, IsLast, ContentLength) = (false, false, false, null);
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        var at = _lines.Count;
        if (at < MaxLines && _remembered[at] is { } known && known.Is(line))
        {
            Add(known);
            return;
        }

        var header = KnownLines.Header(line);
        if (at < MaxLines)
        {
            _remembered[at] = header.Length <= MaxRemembered ? header : null;
        }

        Add(header);
    }

    private void Add(HeaderLine header)
    {
        _lines.Add(header);
        switch (header.Kind)
        {
            case HeaderKind.Connection:
                _connection = StringValues.Concat(_connection, header.Value);
                break;
            case HeaderKind.ContentLength:
                ContentLength = ContentLength is null ? LengthOf(header.Value) : throw Malformed();
                break;
            case HeaderKind.TransferEncoding:
                // Twice is another coding than once.
                IsChunked = !_isEncoded && header.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase);
                _isEncoded = true;
                break;
        }
    }

    /// <summary>
    /// Where a body ends must be said once, or the next response on the connection begins somewhere else.
    /// </summary>
    private void Conclude()
    {
        if (_isEncoded && (!IsChunked || ContentLength is not null))
        {
            throw Malformed();
        }

        // Dynos that speak HTTP/1.0 and chunks, or add a body to 205, are not asked again on this connection.
        IsLast = _status!.IsHttp10
            || Status == StatusCodes.Status205ResetContent || HopHeaders.Names(_connection, "close");
    }

    private static long LengthOf(string text) =>
        text.Length is 0 or > 18 || text.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? throw Malformed()
            : long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static RequestFailedException Malformed() => new(RouterErrors.PoorlyFormattedResponse);
}

/// <summary>What the platform lets a dyno's response have (H25), whichever way its request went.</summary>
internal static class ResponseLimits
{
    /// <summary>Bytes of the status line, with its end.</summary>
    public const int StatusLine = 8_192;

    /// <summary>Bytes of a cookie.</summary>
    public const int Cookie = 8_192;

    /// <summary>Of the head as a whole, in units of 1,024 bytes.</summary>
    public const int HeadKilobytes = 512;
}
