using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Dynospace.Router.Wire;

/// <summary>
/// The head of a request to a dyno, and the part of the body that is sent with it, as bytes in a reusable buffer. A
/// character beyond Latin-1, which cannot come from a request's bytes, is refused.
/// </summary>
public sealed class RequestHead
{
    private const int Typical = 1_024;
    private const int MaxKept = 32 * 1_024;

    [ThreadStatic]
    private static RequestHead? _kept;

    private byte[] _bytes = new byte[Typical];
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    public int Length => _length;

    /// <summary>
    /// Takes this thread's head. It is in use only while it is written and sent, so one serves all connections of a
    /// thread and stays in the processor's cache.
    /// </summary>
    public static RequestHead Take()
    {
        var head = _kept ?? new();
        _kept = null;
        return head;
    }

    /// <summary>Gives back a head that was sent, for the thread's next request.</summary>
    public static void Keep(RequestHead head) => _kept = head;

    public void Clear()
    {
        if (_bytes.Length > MaxKept)
        {
            _bytes = new byte[Typical];
        }

        _length = 0;
    }

    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Reserve(text.Length));
        _length += text.Length;
    }

    public void Text(string text)
    {
        var space = Reserve(text.Length);
        if (Ascii.FromUtf16(text, space, out _) != OperationStatus.Done)
        {
            // The encoder would replace unknown characters with similar ones.
            if (text.AsSpan().ContainsAnyExceptInRange('\0', '\xff'))
            {
                throw new RequestFailedException(RouterErrors.BadRequest);
            }

            Encoding.Latin1.GetBytes(text, space);
        }

        _length += text.Length;
    }

    public void Number(long number)
    {
        Utf8Formatter.TryFormat(number, Reserve(20), out var written);
        _length += written;
    }

    public void Sequence(ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(Reserve((int)bytes.Length));
        _length += (int)bytes.Length;
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        return _bytes.AsSpan(_length);
    }
}
