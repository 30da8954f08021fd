using System.Runtime.CompilerServices;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;

namespace Dynospace.Router.Dynos;

/// <summary>
/// A connection to a dyno that tells the exchange it serves what passes: that is where time-outs and error codes come from. Only the
/// asynchronous members are used by the HTTP client above it.
/// </summary>
internal sealed class DynoStream(Stream inner, TimeSpan connectTime) : Stream
{
    private Exchange? _exchange;
    private int _served;
    private bool _isInStatusLine;
    private int _statusLine;

    /// <summary>How long connecting took; zero from the second request on.</summary>
    public TimeSpan ConnectTime => _served <= 1 ? connectTime : TimeSpan.Zero;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The exchange is over; the connection may serve another one already.</summary>
    public void Release(Exchange exchange) => Interlocked.CompareExchange(ref _exchange, null, exchange);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The client reads ahead on idle connections, so the exchange is looked up when bytes come, not when they are asked for.
        int read;
        try
        {
            var reading = inner.ReadAsync(buffer, cancellationToken);
            if (!reading.IsCompleted && _exchange?.Response is { IsHeadComplete: true } response)
            {
                await response.SendHeadAsync();
            }

            read = await reading;
        }
        catch (IOException e) when (_exchange is null or { HasFirstByte: false })
        {
            // Reset while it was idle is only told to the request that comes next, which the dyno has then never seen.
            throw new DynoClosedException(_exchange is null || _served > 1, e);
        }

        return buffer.IsEmpty ? read : Received(buffer.Span[..read]);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var exchange = Bind();
        exchange?.BeginDynoWrite();
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (exchange is { HasFirstByte: false })
        {
            throw new DynoClosedException(_served > 1, e);
        }
        finally
        {
            exchange?.EndDynoWrite();
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
        // Nothing is buffered here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A request begins with a write; whoever writes is the exchange that has the connection from now on.</summary>
    private Exchange? Bind()
    {
        var current = Exchange.Current;
        if (current is not null && !ReferenceEquals(current, _exchange))
        {
            _served++;
            _isInStatusLine = true;
            _statusLine = 0;
            _exchange = current;
            current.Attach(this);
        }

        return current;
    }

    private int Received(ReadOnlySpan<byte> bytes)
    {
        if (_exchange is not { } exchange)
        {
            // Closed while it was idle: for the client below no IOException, which makes it send a request again by itself.
            return bytes.IsEmpty ? throw new DynoClosedException(wasReused: true) : bytes.Length;
        }

        if (bytes.IsEmpty)
        {
            return exchange.HasFirstByte ? 0 : throw new DynoClosedException(_served > 1);
        }

        exchange.ReceivedFromDyno();
        if (_isInStatusLine)
        {
            CheckStatusLine(bytes);
        }

        return bytes.Length;
    }

    private void CheckStatusLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        _isInStatusLine = end < 0;
        _statusLine += end < 0 ? bytes.Length : end;
        if (_statusLine > ResponseLimits.StatusLine)
        {
            throw new DynoRestrictionException("The status line is too long.");
        }
    }
}
