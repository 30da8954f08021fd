// Wire: the HTTP/1.1 client for dynos: a connection, its buffers and its parsers.

using System.Runtime.CompilerServices;

namespace Dynospace.Router.Wire;

/// <summary>
/// A connection to a dyno that carries one request after the other. While it is idle, a read is already pending; if
/// that read completes before the next request is sent, the connection is closed, so that only bytes that follow a
/// request can become its response. One task may write while another reads.
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

    /// <summary>Since when it has been idle, as a timestamp of the clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>How long connecting took; zero from the second request on.</summary>
    public TimeSpan ConnectTime => _served <= 1 ? _connectTime : TimeSpan.Zero;

    /// <summary>Whether an idle connection was closed, or the dyno sent unsolicited bytes.</summary>
    public bool IsSpent => _read.IsCompleted;

    /// <summary>The bytes that were read and not taken yet.</summary>
    public Memory<byte> Available => _buffer.Available;

    public void Take(int count) => _buffer.Take(count);

    /// <summary>Makes room for a long body, between two reads.</summary>
    public void Expect(long count) => _buffer.Expect(count);

    /// <summary>
    /// Counts the next request. From the second one on, the connection may have been closed before the dyno saw the
    /// request.
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

    /// <summary>Sends some bytes of a request's body or of a tunnel.</summary>
    /// <exception cref="IOException">
    /// The dyno closed the connection; bytes that it sent before can still be read.
    /// </exception>
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

    /// <summary>Reads the next head into <see cref="Response"/>, which may be an interim one.</summary>
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
                // The same as ReadAsync, but saves a state machine for each request.
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

    /// <summary>Reads more bytes; 0 at the end of the connection.</summary>
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

    /// <summary>Prepares for the next request after a complete response; false if there can be none.</summary>
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
    /// Closes the connection; pending reads and writes fail. A large buffer is not returned to the pool, since a read
    /// into it may still be pending.
    /// </summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>Whether an exception means that the connection ended, by either side.</summary>
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
    /// The failure that an end at this point means. A new connection that is reset before any byte was read was in the
    /// backlog of a dyno that ended. During an upload the dyno has seen the request, whether or not it has answered.
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

    /// <summary>
    /// A response that is cut off must at least begin with a status line; anything else is malformed.
    /// </summary>
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
