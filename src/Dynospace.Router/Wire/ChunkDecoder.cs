namespace Dynospace.Router.Wire;

/// <summary>Takes chunks apart as their bytes come, in any portions.</summary>
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

    /// <summary>Whether the last chunk has come; what follows are trailers, and an empty line.</summary>
    public readonly bool IsAtTrailers => _part == Part.Trailers;

    /// <summary>
    /// Moves what the chunks contain to the front of the bytes, and takes all of them unless trailers begin.
    /// </summary>
    /// <returns>False when they are no chunks.</returns>
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
