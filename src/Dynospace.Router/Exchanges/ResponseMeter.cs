using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Dynospace.Router.Exchanges;

/// <summary>The response to the client, which counts its bytes and tells when the client is awaited.</summary>
internal sealed class ResponseMeter(IHttpResponseBodyFeature inner, Exchange exchange) : Stream, IHttpResponseBodyFeature
{
    private readonly Stream _stream = inner.Stream;
    private volatile bool _isWriting;
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public bool IsWriting => _isWriting;

    /// <summary>Set when status and headers are the dyno's; from then on they may be sent.</summary>
    public bool IsHeadComplete { get; set; }

    public Stream Stream => this;

    public PipeWriter Writer => inner.Writer;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        IsHeadComplete = false;
        var written = _stream.WriteAsync(buffer, cancellationToken);
        if (!written.IsCompletedSuccessfully)
        {
            return AwaitAsync(written, buffer.Length);
        }

        Volatile.Write(ref _bytes, _bytes + buffer.Length);
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => _stream.FlushAsync(cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Sends the head, since the body is not there yet: a client of a stream of events waits for it.</summary>
    public async Task SendHeadAsync()
    {
        IsHeadComplete = false;
        try
        {
            await _stream.FlushAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone; the first write says so.
        }
    }

    public void DisableBuffering() => inner.DisableBuffering();

    public Task StartAsync(CancellationToken cancellationToken = default) => inner.StartAsync(cancellationToken);

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        inner.SendFileAsync(path, offset, count, cancellationToken);

    public Task CompleteAsync() => inner.CompleteAsync();

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask AwaitAsync(ValueTask written, int length)
    {
        _isWriting = true;
        try
        {
            await written;
            Volatile.Write(ref _bytes, _bytes + length);
            exchange.Touch();
        }
        finally
        {
            _isWriting = false;
        }
    }
}
