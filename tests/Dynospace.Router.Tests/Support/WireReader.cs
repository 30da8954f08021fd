using System.Globalization;
using System.Text;

namespace Dynospace.Router.Tests.Support;

/// <summary>Reads HTTP/1.1 as it is on the wire, bytes as Latin-1 characters.</summary>
internal sealed class WireReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>A line without its end; null at the end of the stream.</summary>
    public async Task<string?> LineAsync()
    {
        var line = new StringBuilder();
        while (true)
        {
            if (_start == _end && !await FillAsync())
            {
                return line.Length == 0 ? null : line.ToString();
            }

            var c = (char)_buffer[_start++];
            if (c == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(c);
        }
    }

    /// <summary>Start line and headers; null when the connection ended before any.</summary>
    public async Task<WireMessage?> HeadAsync()
    {
        if (await LineAsync() is not { } first)
        {
            return null;
        }

        var headers = new List<(string Name, string Value)>();
        while (await LineAsync() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }

        return new(first, headers);
    }

    /// <summary>A body as the head announces it, chunks put together.</summary>
    public async Task<string> BodyAsync(WireMessage head, bool untilEnd)
    {
        if (head.Header("Content-Length") is { } length)
        {
            var count = int.Parse(length, CultureInfo.InvariantCulture);
            var body = await BytesAsync(count);
            return body.Length == count ? body : throw new EndOfStreamException("The body is cut.");
        }

        if (head.Header("Transfer-Encoding") == "chunked")
        {
            return await ChunksAsync();
        }

        return untilEnd ? await RestAsync() : "";
    }

    public async Task<string> BytesAsync(int count)
    {
        var text = new StringBuilder();
        while (text.Length < count && (_start < _end || await FillAsync()))
        {
            var taken = Math.Min(count - text.Length, _end - _start);
            text.Append(Encoding.Latin1.GetString(_buffer, _start, taken));
            _start += taken;
        }

        return text.ToString();
    }

    /// <summary>All that comes until the connection ends, in whatever way.</summary>
    public async Task<string> RestAsync()
    {
        var text = new StringBuilder();
        try
        {
            while (_start < _end || await FillAsync())
            {
                text.Append(Encoding.Latin1.GetString(_buffer, _start, _end - _start));
                _start = _end;
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return text.ToString();
    }

    private async Task<string> ChunksAsync()
    {
        var text = new StringBuilder();
        while (await LineAsync() is { } size)
        {
            var count = int.Parse(size.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            text.Append(await BytesAsync(count));
            await LineAsync();
            if (count == 0)
            {
                return text.ToString();
            }
        }

        throw new EndOfStreamException("The body is cut.");
    }

    private async Task<bool> FillAsync()
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer).AsTask().Soon();
        return _end > 0;
    }
}
