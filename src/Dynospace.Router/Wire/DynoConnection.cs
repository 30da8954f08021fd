// Wire: HTTP/1.1 as it is spoken with dynos: one connection, its buffers and its parsers.

using System.Runtime.CompilerServices;

namespace Dynospace.Router.Wire;

/// <summary>
/// A connection to a dyno that carries requests one after the other: this folder is the HTTP/1.1 client. While a
/// connection is idle a read is already under way, and the connection is closed if that read ends, so that only bytes
/// that follow a request are taken for its response. One task may write while another reads.
/// </summary>
public sealed class DynoConnection : IDisposable
{
    private const int MaxHead = ResponseLimits.HeadKilobytes * 1_024;

    private readonly Stream _stream;
    private readonly TimeSpan _connectTime;
    private readonly ReadBuffer _buffer = new();
    private RequestHead? _request;
    private ResponseHead? _response;
    private ValueTask<int> _read;
    private bool _isReading;
    private bool _isEnded;
    private int _served;

    public DynoConnection(Stream stream, TimeSpan connectTime, int generation)
    {
        (_stream, _connectTime, Generation) = (stream, connectTime, generation);
        Body = new(this);
    }

    /// <summary>The head of the request that is sent next.</summary>
    public RequestHead Request => _request ??= RequestHead.Take();

    /// <summary>The head that was read last.</summary>
    public ResponseHead Response => _response ?? throw new InvalidOperationException("No head was read yet.");

    public ResponseBody Body { get; }

    /// <summary>Connections of an older generation are not kept.</summary>
    public int Generation { get; }

    /// <summary>When it was kept, as a timestamp of the clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>How long connecting took; zero from the second request on.</summary>
    public TimeSpan ConnectTime => _served <= 1 ? _connectTime : TimeSpan.Zero;

    /// <summary>Of an idle connection: whether it ended, or the dyno sent what nobody asked for.</summary>
    public bool IsSpent => _read.IsCompleted;

    /// <summary>What was read and not taken.</summary>
    public Memory<byte> Available => _buffer.Available;

    public void Take(int count) => _buffer.Take(count);

    /// <summary>Makes room for a long body, between two reads of it.</summary>
    public void Expect(long count) => _buffer.Expect(count);

    /// <summary>
    /// Counts the next request; from its second one on, a connection may have been closed before the dyno saw it.
    /// </summary>
    public void BeginRequest() => _served++;

    /// <summary>Sends what <see cref="Request"/> holds.</summary>
    /// <exception cref="RequestFailedException">The dyno closed the connection.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendRequestAsync(ExchangeProgress progress)
    {
        try
        {
            await WriteAsync(Request.Bytes, progress);
            RequestHead.Keep(Request);
            _request = null;
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Ended(progress, e);
        }
    }

    /// <summary>Sends some of a request's body, or of what a tunnel carries.</summary>
    /// <exception cref="IOException">The dyno closed the connection; what it had sent before can still be
    /// read.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, ExchangeProgress progress)
    {
        progress.BeginDynoWrite();
        try
        {
            await _stream.WriteAsync(bytes, CancellationToken.None);
        }
        finally
        {
            progress.EndDynoWrite();
        }
    }

    /// <summary>Reads the next head into <see cref="Response"/>; that may be an interim one.</summary>
    /// <exception cref="RequestFailedException">The connection ended, or the bytes are not a head.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadHeadAsync(ExchangeProgress progress)
    {
        var scanned = 0;
        int length;
        while ((length = HeadLines.LengthOf(Available.Span, ref scanned)) == 0)
        {
            CheckLimits(Available.Length);
            int count;
            try
            {
                // As ReadAsync does, at the cost of one state machine less for each request.
                count = await PendingRead();
            }
            catch (Exception e) when (IsEnd(e))
            {
                throw Ended(progress, e);
            }

            if (Read(count, progress) == 0)
            {
                CheckBeginning();
                throw Ended(progress, null);
            }
        }

        CheckLimits(length);
        (_response ??= ResponseHead.Take()).Read(Available.Span[..length]);
        Take(length);
    }

    /// <summary>Reads some more; 0 at the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(ExchangeProgress progress)
    {
        int count;
        try
        {
            count = await PendingRead();
        }
        catch (Exception e) when (IsEnd(e))
        {
            throw Ended(progress, e);
        }

        return Read(count, progress);
    }

    /// <summary>After a whole response, to begin with the next; false when there can be none.</summary>
    public bool TryRest()
    {
        if (Response.IsLast || !_buffer.IsEmpty || _isReading || _isEnded)
        {
            return false;
        }

        _buffer.Shrink();
        ResponseHead.Keep(Response);
        _response = null;
        try
        {
            BeginRead();
        }
        catch (Exception e) when (IsEnd(e))
        {
            return false;
        }

        return true;
    }

    /// <summary>
    /// Ends the connection; a read or write under way fails. A large buffer is not returned to the pool: a read into it
    /// may still be under way.
    /// </summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>Whether an exception says that the connection ended, by either side.</summary>
    public static bool IsEnd(Exception e) => e is IOException or ObjectDisposedException or OperationCanceledException;

    private ValueTask<int> PendingRead()
    {
        if (!_isReading)
        {
            BeginRead();
        }

        return _read;
    }

    private int Read(int count, ExchangeProgress progress)
    {
        _isReading = false;
        _buffer.Add(count);
        _isEnded = count == 0;
        if (!_isEnded)
        {
            progress.ReceivedFromDyno();
        }

        return count;
    }

    private void BeginRead()
    {
#pragma warning disable CA2012 // Awaited once, by the request that comes next.
        _read = _stream.ReadAsync(_buffer.Free(), CancellationToken.None);
#pragma warning restore CA2012
        _isReading = true;
    }

    /// <summary>
    /// What an end means at this point. A new connection that is reset unread was in the backlog of a dyno that ended.
    /// Within an upload the dyno has seen the request, whether or not it has answered.
    /// </summary>
    private RequestFailedException Ended(ExchangeProgress progress, Exception? reason)
    {
        if (progress.HasFirstByte || progress.IsUploading)
        {
            return new(RouterErrors.ServerInterrupted, Retry.Never, reason);
        }

        var wasReset = reason?.InnerException is System.Net.Sockets.SocketException
        {
            SocketErrorCode: System.Net.Sockets.SocketError.ConnectionReset,
        };
        return new(
            RouterErrors.ClosedWithoutResponse, _served > 1 || wasReset ? Retry.NewConnection : Retry.Never, reason);
    }

    /// <summary>A response that is cut must have begun with a status line; anything else is malformed.</summary>
    private void CheckBeginning()
    {
        var bytes = Available.Span;
        if (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            StatusLine.Parse(bytes[..end].TrimEnd((byte)'\r'));
        }
    }

    private void CheckLimits(int head)
    {
        var bytes = Available.Span[..head];
        var line = bytes[..Math.Min(bytes.Length, ResponseLimits.StatusLine + 1)].IndexOf((byte)'\n');
        if ((line < 0 && bytes.Length > ResponseLimits.StatusLine) || bytes.Length > MaxHead)
        {
            throw new RequestFailedException(RouterErrors.HttpRestriction);
        }
    }
}
