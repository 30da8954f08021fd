using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Dynospace.Runtime.Transport;

/// <summary>Reads the lines of a watch as events.</summary>
internal static class WatchEventReader
{
    /// <summary>Reads one line; the document must outlive the event.</summary>
    public static WatchEvent Read(ReadOnlyMemory<byte> line, out JsonDocument document)
    {
        document = Parse(line);
        try
        {
            var root = document.RootElement;
            if (JsonMembers.Child(root, "object", JsonValueKind.Object) is not { } value)
            {
                throw new UndecodableEventException($"A line of the watch has no object: {Shape(line)}.");
            }

            return JsonMembers.Text(root, "type") switch
            {
                "ADDED" => new WatchEvent(WatchEventType.Added, value),
                "MODIFIED" => new WatchEvent(WatchEventType.Modified, value),
                "DELETED" => new WatchEvent(WatchEventType.Deleted, value),
                "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, value),
                "ERROR" => throw new ApiException(ApiStatusReader.Read(value)),
                _ => throw new UndecodableEventException($"A line of the watch has no known type: {Shape(line)}."),
            };
        }
        catch (Exception)
        {
            document.Dispose();
            throw;
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException e)
        {
            throw new UndecodableEventException($"A line of the watch is not JSON: {Shape(line)}.", e);
        }
    }

    /// <summary>Describes a line for the log without showing the content of objects.</summary>
    private static string Shape(ReadOnlyMemory<byte> line) =>
        $"{line.Length} bytes that begin with '{Encoding.ASCII.GetString(line.Span[..Math.Min(16, line.Length)])}'";
}

/// <summary>
/// Splits a stream into lines of bytes, whatever pieces they arrive in. A line is contiguous, so that JSON is parsed in
/// place, and valid until the next read.
/// </summary>
internal sealed class LineReader(Stream stream, int longestLine) : IDisposable
{
    private const int InitialSize = 16 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialSize);
    private int _start;
    private int _scanned;
    private int _end;

    /// <summary>The next line that is not empty; null at the end. An incomplete line at the end is ignored.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var lineBreak = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (lineBreak >= 0)
            {
                var line = _buffer.AsMemory(_start, _scanned + lineBreak - _start);
                _start = _scanned = _scanned + lineBreak + 1;
                if (line.Span.Trim(" \r"u8).IsEmpty)
                {
                    continue;
                }

                return line;
            }

            _scanned = _end;
            MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private void MakeRoom()
    {
        var pending = _end - _start;
        if (pending > longestLine)
        {
            throw new UndecodableEventException($"A line of the watch is longer than {longestLine} bytes.");
        }

        if (_start == 0 && _end < _buffer.Length)
        {
            return;
        }

        // The buffer grows for a long line and shrinks when lines are short again: an idle watch must hold little
        // memory.
        var isTooSmall = pending > _buffer.Length / 2;
        var isTooLarge = _buffer.Length > InitialSize * 4 && pending < InitialSize;
        var target = isTooSmall || isTooLarge
            ? ArrayPool<byte>.Shared.Rent(isTooSmall ? _buffer.Length * 2
            : InitialSize) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, pending);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
        _scanned = _end = pending;
    }
}
