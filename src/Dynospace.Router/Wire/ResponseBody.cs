namespace Dynospace.Router.Wire;

/// <summary>
/// The body of a dyno's response, read from the connection: of a stated length, in chunks, or up to the end of the
/// connection. Nothing is read in advance, so that a slow client slows its dyno down.
/// </summary>
public sealed class ResponseBody(DynoConnection connection)
{
    private const int MaxTrailer = 8_192;
    private const int MaxTrailers = 1_000;

    private ChunkDecoder _chunks;
    private Framing _framing;
    private long _left;
    private int _taken;

    private enum Framing
    {
        Length,
        Chunks,
        UntilEnd,
    }

    /// <summary>Whether the whole body was taken; with chunks, trailers may follow.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether trailers follow, which must be read next.</summary>
    public bool HasTrailers => _framing == Framing.Chunks;

    /// <summary>Begins the body of the response whose head was read last.</summary>
    public void Begin(bool isExpected)
    {
        var head = connection.Response;
        _chunks = default;
        _taken = 0;
        if (!isExpected || !head.MayHaveBody || head.ContentLength == 0)
        {
            (_framing, _left, IsComplete) = (Framing.Length, 0, true);
            return;
        }

        IsComplete = false;
        _left = head.ContentLength ?? long.MaxValue;
        _framing = head.ContentLength is not null ? Framing.Length : head.IsChunked ? Framing.Chunks : Framing.UntilEnd;
    }

    /// <summary>The part of the body that has been read, valid until <see cref="Advance"/>.</summary>
    /// <exception cref="RequestFailedException">The chunks are malformed.</exception>
    public ReadOnlyMemory<byte> Next()
    {
        var bytes = connection.Available;
        if (_framing == Framing.Chunks)
        {
            return _chunks.TryDecode(bytes.Span, out _taken, out var content)
                ? bytes[..content]
                : throw new RequestFailedException(RouterErrors.PoorlyFormattedResponse);
        }

        _taken = (int)Math.Min(bytes.Length, _left);
        return bytes[.._taken];
    }

    /// <summary>Takes the part that <see cref="Next"/> returned.</summary>
    public void Advance()
    {
        connection.Take(_taken);
        switch (_framing)
        {
            case Framing.Length:
                _left -= _taken;
                IsComplete = _left == 0;
                break;
            case Framing.Chunks:
                IsComplete = _chunks.IsAtTrailers;
                break;
        }

        _taken = 0;
    }

    /// <summary>Reads more bytes; 0 at the end of the connection.</summary>
    public ValueTask<int> ReadAsync(ExchangeProgress progress)
    {
        connection.Expect(_framing == Framing.Length ? _left : long.MaxValue);
        return connection.ReadAsync(progress);
    }

    /// <summary>Reports that the connection ended.</summary>
    /// <exception cref="RequestFailedException">The body is incomplete.</exception>
    public void End() => IsComplete = _framing == Framing.UntilEnd ? true : throw Cut();

    /// <summary>Reads the next trailer; null after the last.</summary>
    public async ValueTask<HeaderLine?> TrailerAsync(ExchangeProgress progress)
    {
        var scanned = 0;
        while (true)
        {
            var found = connection.Available.Span[scanned..].IndexOf((byte)'\n');
            if (found >= 0)
            {
                return TakeTrailer(scanned + found);
            }

            scanned = connection.Available.Length;
            if (scanned > MaxTrailer)
            {
                throw new RequestFailedException(RouterErrors.HttpRestriction);
            }

            if (await connection.ReadAsync(progress) == 0)
            {
                throw Cut();
            }
        }
    }

    private static RequestFailedException Cut() => new(RouterErrors.ServerInterrupted);

    private HeaderLine? TakeTrailer(int length)
    {
        var line = HeadLines.WithoutReturn(connection.Available.Span[..length]);
        var trailer = line.IsEmpty ? null : HeaderLine.Parse(line);
        connection.Take(length + 1);
        return trailer is null || ++_taken <= MaxTrailers
            ? trailer
            : throw new RequestFailedException(RouterErrors.HttpRestriction);
    }
}

/// <summary>Decodes chunks as their bytes arrive, in any portions.</summary>
internal struct ChunkDecoder
{
    private const int MaxDigits = 15;
    private const int MaxExtension = 16 * 1_024;

    private Part _part;
    private long _left;
    private int _digits;
    private int _extension;

    private enum Part
    {
        Size,
        Padding,
        Extension,
        SizeLineFeed,
        Data,
        DataEnd,
        DataLineFeed,
        Trailers,
    }

    /// <summary>Whether the last chunk has been decoded; trailers and an empty line follow.</summary>
    public readonly bool IsAtTrailers => _part == Part.Trailers;

    /// <summary>
    /// Moves the content of the chunks to the front of the bytes, and takes all bytes up to the trailers.
    /// </summary>
    /// <returns>False if they are not valid chunks.</returns>
    public bool TryDecode(Span<byte> bytes, out int taken, out int content)
    {
        (taken, content) = (0, 0);
        while (taken < bytes.Length && _part != Part.Trailers)
        {
            if (_part == Part.Data)
            {
                var count = (int)Math.Min(_left, bytes.Length - taken);
                bytes.Slice(taken, count).CopyTo(bytes[content..]);
                taken += count;
                content += count;
                _left -= count;
                _part = _left == 0 ? Part.DataEnd : Part.Data;
            }
            else if (!TryStep(bytes[taken++]))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryStep(byte b) => _part switch
    {
        Part.Size => TrySize(b),
        Part.Padding => TryAfterSize(b),
        Part.Extension => TryExtension(b),
        Part.SizeLineFeed => b == '\n' && EndSize(),
        Part.DataEnd => b == '\r' ? Go(Part.DataLineFeed) : b == '\n' && BeginSize(),
        _ => b == '\n' && BeginSize(),
    };

    private bool TrySize(byte b)
    {
        if (!char.IsAsciiHexDigit((char)b))
        {
            return _digits > 0 && TryAfterSize(b);
        }

        _left = (_left << 4) + (b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10);
        return ++_digits <= MaxDigits;
    }

    private bool TryAfterSize(byte b) => b switch
    {
        (byte)' ' or (byte)'\t' => ++_extension <= MaxExtension && Go(Part.Padding),
        (byte)';' => Go(Part.Extension),
        (byte)'\r' => Go(Part.SizeLineFeed),
        (byte)'\n' => EndSize(),
        _ => false,
    };

    private bool TryExtension(byte b) => b switch
    {
        (byte)'\r' => Go(Part.SizeLineFeed),
        (byte)'\n' => EndSize(),
        (byte)'\t' or (>= 32 and not 127) => ++_extension <= MaxExtension,
        _ => false,
    };

    private bool EndSize() => Go(_left == 0 ? Part.Trailers : Part.Data);

    private bool BeginSize()
    {
        (_left, _digits, _extension) = (0, 0, 0);
        return Go(Part.Size);
    }

    private bool Go(Part part)
    {
        _part = part;
        return true;
    }
}
