using System.Text;
using System.Threading.Channels;

namespace Dynospace.Router.Tests.Support;

/// <summary>Reads the log line by line.</summary>
internal sealed class LogSink : Stream
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _rest = new();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get =>
        throw new NotSupportedException(); set => throw new NotSupportedException();
    }

    public async Task<string> NextAsync() => await _lines.Reader.ReadAsync().AsTask().Soon();

    public bool IsEmpty => _lines.Reader.Count == 0;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        foreach (var c in Encoding.Latin1.GetString(buffer.Span))
        {
            if (c == '\n')
            {
                _lines.Writer.TryWrite(_rest.ToString());
                _rest.Clear();
            }
            else
            {
                _rest.Append(c);
            }
        }

        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
