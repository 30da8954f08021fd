using System.Buffers;
using System.Globalization;
using System.Text;

namespace Dynospace.Router.Logging;

/// <summary>
/// Builds a line of <c>key=value</c> pairs in its own buffer. Client input is escaped, so that no request can forge a
/// line or a pair.
/// </summary>
internal sealed class LogLineWriter
{
    /// <summary>Characters that need no quotes: enough for hosts, methods, addresses and ids.</summary>
    private static readonly SearchValues<char> Bare =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]/");

    private byte[] _buffer = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Line => _buffer.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Writes trusted text without escaping.</summary>
    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        _length += text.Length;
    }

    public void Number(long number)
    {
        var space = Reserve(20);
        number.TryFormat(space, out var written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a value without quotes where that is unambiguous, quoted otherwise.</summary>
    public void Value(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        if (text.AsSpan().ContainsAnyExcept(Bare))
        {
            Quoted(text);
            return;
        }

        _length += Encoding.ASCII.GetBytes(text, Reserve(text.Length));
    }

    public void Quoted(string text)
    {
        var space = Reserve((text.Length * 4) + 2);
        var at = 0;
        space[at++] = (byte)'"';
        foreach (var c in text)
        {
            at = Escaped(space, at, c);
        }

        space[at++] = (byte)'"';
        _length += at;
    }

    private static int Escaped(Span<byte> space, int at, char c)
    {
        switch (c)
        {
            case '"' or '\\':
                space[at++] = (byte)'\\';
                space[at++] = (byte)c;
                return at;
            case >= ' ' and <= '~':
                space[at++] = (byte)c;
                return at;
            case <= '\xff':
                space[at++] = (byte)'\\';
                space[at++] = (byte)'x';
                space[at++] = Hex(c >> 4);
                space[at++] = Hex(c & 15);
                return at;
            default:
                space[at++] = (byte)'?';
                return at;
        }
    }

    private static byte Hex(int digit) => (byte)"0123456789abcdef"[digit];

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        return _buffer.AsSpan(_length);
    }
}
