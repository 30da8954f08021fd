using System.Buffers;

namespace Dynospace.Router.Wire;

/// <summary>
/// Bytes that were read and not taken yet. The buffer is small, and larger while a long head or body passes; a large
/// one is returned to the pool only while no read into it is pending.
/// </summary>
internal sealed class ReadBuffer
{
    private const int Small = 8 * 1_024;
    private const int Large = 64 * 1_024;

    private readonly byte[] _small = new byte[Small];
    private byte[]? _large;
    private int _start;
    private int _end;

    public Memory<byte> Available => Bytes.AsMemory(_start, _end - _start);

    public bool IsEmpty => _start == _end;

    private byte[] Bytes => _large ?? _small;

    public void Take(int count) => _start += count;

    /// <summary>The space to read into; the buffered bytes may be moved to make it.</summary>
    public Memory<byte> Free()
    {
        if (IsEmpty)
        {
            (_start, _end) = (0, 0);
        }

        if (_end == Bytes.Length)
        {
            Reserve(_start > 0 ? Bytes.Length : Bytes.Length * 2);
        }

        return Bytes.AsMemory(_end);
    }

    /// <summary>Adds bytes that were read.</summary>
    public void Add(int count) => _end += count;

    /// <summary>Makes room for a long body, between two reads.</summary>
    public void Expect(long count)
    {
        if (count > Small && Bytes.Length < Large)
        {
            Reserve(Large);
        }
    }

    /// <summary>Makes an empty buffer small again; no read into it may be pending.</summary>
    public void Shrink()
    {
        (_start, _end) = (0, 0);
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    /// <summary>Moves the buffered bytes to the front of a buffer of this size.</summary>
    private void Reserve(int size)
    {
        var (from, count) = (Bytes, _end - _start);
        if (size > from.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(size);
            from.AsSpan(_start, count).CopyTo(larger);
            Shrink();
            _large = larger;
        }
        else
        {
            from.AsSpan(_start, count).CopyTo(from);
        }

        (_start, _end) = (0, count);
    }
}
