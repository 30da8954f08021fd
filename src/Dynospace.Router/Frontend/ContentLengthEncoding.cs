using System.Text;
using Dynospace.Router.Proxying;

namespace Dynospace.Router.Frontend;

/// <summary>
/// Decodes the value of Content-Length for the server, whose parser accepts any number: with a sign, with spaces, or
/// with NULs at the end. Another server may read another number, or none, so only digits are let through (RFC 9110,
/// 8.6).
/// <para>
/// On HTTP/1.1 anything else becomes an invalid number, which the server refuses. On HTTP/2 the server would end the
/// connection for that, with all its other streams. There the number in the value is used, so that the body agrees with
/// it, and the request path refuses the request.
/// </para>
/// </summary>
internal sealed class ContentLengthEncoding : Encoding
{
    /// <summary>More digits than any length has.</summary>
    private const int MostDigits = 20;

    private const char NoDigit = 'x';

    private static readonly AsyncLocal<Http2Streams?> Current = new();

    public static ContentLengthEncoding Instance { get; } = new();

    /// <summary>The streams of the HTTP/2 connection that the current execution flow belongs to.</summary>
    public static Http2Streams? Streams
    {
        set => Current.Value = value;
    }

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => GetMaxCharCount(count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var isSound = bytes.Length is > 0 and <= MostDigits && !bytes.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        var length = LengthOf(bytes);
        if (!isSound || length == long.MaxValue)
        {
            if (Current.Value is not { } streams)
            {
                chars[0] = NoDigit;
                return 1;
            }

            streams.AddBadLength(length);
        }

        length.TryFormat(chars, out var written);   // The server accepts no more than 19 digits.
        return written;
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;

    /// <summary>The largest number in the bytes.</summary>
    private static long LengthOf(ReadOnlySpan<byte> bytes)
    {
        var (length, largest) = (0L, 0L);
        foreach (var b in bytes)
        {
            length = b is < (byte)'0' or > (byte)'9' ? 0
                : length > (long.MaxValue - 9) / 10 ? long.MaxValue
                : (length * 10) + (b - '0');
            largest = Math.Max(largest, length);
        }

        return largest;
    }
}
