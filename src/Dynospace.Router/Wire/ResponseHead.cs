using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynospace.Router.Wire;

/// <summary>
/// Status and headers of a dyno's response, used for one response after the other. A line that equals, byte for byte,
/// the line at the same position in the last response is neither checked nor converted to strings again.
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

    /// <summary>Null if the head does not state it.</summary>
    public long? ContentLength { get; private set; }

    public bool IsChunked { get; private set; }

    /// <summary>Whether the dyno closes its connection after this response.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Whether its status allows a body.</summary>
    public bool MayHaveBody =>
        Status is not (
            StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified);

    public bool IsInterim => Status is < 200 and not StatusCodes.Status101SwitchingProtocols;

    /// <summary>
    /// Takes this thread's head. Most responses are complete when their head has been read, so one serves all
    /// connections of a thread and stays in the processor's cache.
    /// </summary>
    public static ResponseHead Take()
    {
        var head = _kept ?? new();
        _kept = null;
        return head;
    }

    /// <summary>Gives back the head of a complete response, for the thread's next one.</summary>
    public static void Keep(ResponseHead head)
    {
        head.Clear();
        _kept = head;
    }

    /// <summary>Parses a complete head, including its empty line.</summary>
    /// <exception cref="RequestFailedException">It is malformed or exceeds a limit.</exception>
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

    /// <summary>The value of a header that is not passed on as it is.</summary>
    public string? Find(string name) =>
        _lines.Find(line => line.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value;

    /// <summary>Copies the headers that are passed on to the client's response.</summary>
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

        // Of the statuses without a body, only 304 may state a length.
        if (ContentLength is { } length && (MayHaveBody || Status == StatusCodes.Status304NotModified))
        {
            target.ContentLength = length;
        }
    }

    /// <summary>Forgets the last response.</summary>
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
                // Stated twice, it would be a different coding.
                IsChunked = !_isEncoded && header.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase);
                _isEncoded = true;
                break;
        }
    }

    /// <summary>
    /// The end of a body must be stated exactly once, or the next response on the connection could begin at another
    /// byte.
    /// </summary>
    private void Conclude()
    {
        if (_isEncoded && (!IsChunked || ContentLength is not null))
        {
            throw Malformed();
        }

        // Connections to dynos that speak HTTP/1.0, or that may send a body with 205, are not reused.
        IsLast = _status!.IsHttp10
            || Status == StatusCodes.Status205ResetContent || HopHeaders.Names(_connection, "close");
    }

    private static long LengthOf(string text) =>
        text.Length is 0 or > 18 || text.AsSpan().ContainsAnyExceptInRange('0', '9')
            ? throw Malformed()
            : long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static RequestFailedException Malformed() => new(RouterErrors.PoorlyFormattedResponse);
}

/// <summary>The platform's limits for a dyno's response (H25).</summary>
internal static class ResponseLimits
{
    /// <summary>Bytes of the status line with its line end.</summary>
    public const int StatusLine = 8_192;

    /// <summary>Bytes of a cookie.</summary>
    public const int Cookie = 8_192;

    /// <summary>The whole head, in units of 1,024 bytes.</summary>
    public const int HeadKilobytes = 512;
}
