using System.Runtime.CompilerServices;
using Dynospace.Router.Dynos;
using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Requests;

namespace Dynospace.Router.Wire;

/// <summary>
/// A connection to a dyno that carries requests without a body, one after the other. While it is idle a read is under way already: the
/// connection is given up when anything comes of it, so that no bytes but those that follow a request are ever taken for its response.
/// </summary>
internal sealed class DynoConnection(Stream stream, TimeSpan connectTime, int generation) : IDisposable
{
    private const int MaxHead = ResponseLimits.HeadKilobytes * 1_024;

    private readonly ReadBuffer _buffer = new();
    private ValueTask<int> _read;
    private bool _isReading;
    private bool _isEnded;
    private int _served;

    public RequestHead Request { get; } = new();

    public ResponseHead Response { get; } = new();

    /// <summary>Connections of an older generation are not kept.</summary>
    public int Generation { get; } = generation;

    /// <summary>When it was kept, as a timestamp of the clock.</summary>
    public long IdleSince { get; set; }

    /// <summary>How long connecting took; zero from the second request on.</summary>
    public TimeSpan ConnectTime => _served <= 1 ? connectTime : TimeSpan.Zero;

    /// <summary>Whether an earlier request has used it: then the dyno may have closed it before it saw this one.</summary>
    public bool WasReused => _served > 1;

    /// <summary>Of an idle connection: whether it ended, or the dyno sent what nobody asked for.</summary>
    public bool IsSpent => _read.IsCompleted;

    /// <summary>What was read and not taken.</summary>
    public Memory<byte> Available => _buffer.Available;

    public void Take(int count) => _buffer.Take(count);

    /// <summary>Makes room for a long body, between two reads of it.</summary>
    public void Expect(long count) => _buffer.Expect(count);

    /// <summary>Sends a request's head.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Exchange exchange)
    {
        _served++;
        exchange.BeginDynoWrite();
        try
        {
            await stream.WriteAsync(Request.Bytes, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            throw new DynoClosedException(WasReused, e);
        }
        finally
        {
            exchange.EndDynoWrite();
        }
    }

    /// <summary>Reads the head of the response, and those of interim ones before it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask ReadHeadAsync(Exchange exchange)
    {
        do
        {
            var scanned = 0;
            int length;
            while ((length = HeadLines.LengthOf(Available.Span, ref scanned)) == 0)
            {
                CheckLimits(Available.Length);
                if (await ReadAsync(exchange) == 0)
                {
                    CheckBeginning();
                    throw Ended(exchange, null);
                }
            }

            CheckLimits(length);
            Response.Read(Available.Span[..length]);
            Take(length);
        }
        while (Response.IsInterim);
    }

    /// <summary>Reads some more; 0 at the end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Exchange exchange)
    {
        if (!_isReading)
        {
            BeginRead();
        }

        int count;
        try
        {
            count = await _read;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            throw Ended(exchange, e);
        }

        _isReading = false;
        _buffer.Add(count);
        _isEnded = count == 0;
        if (!_isEnded)
        {
            exchange.ReceivedFromDyno();
        }

        return count;
    }

    /// <summary>After a whole response, to begin with the next; false when there can be none.</summary>
    public bool TryRest()
    {
        if (Response.IsLast || !_buffer.IsEmpty || _isReading || _isEnded)
        {
            return false;
        }

        _buffer.Shrink();
        Response.Clear();
        try
        {
            BeginRead();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }

        return true;
    }

    /// <summary>Ends the connection; a read or write under way fails. A large buffer may still be read into, so nobody else gets it.</summary>
    public void Dispose() => stream.Dispose();

    private void BeginRead()
    {
#pragma warning disable CA2012 // Awaited once, by the request that comes next.
        _read = stream.ReadAsync(_buffer.Free(), CancellationToken.None);
#pragma warning restore CA2012
        _isReading = true;
    }

    private Exception Ended(Exchange exchange, Exception? reason) =>
        exchange.HasFirstByte ? new CutResponseException(reason) : new DynoClosedException(WasReused, reason);

    /// <summary>What is cut must have begun as a response: rubbish is told from it by its first line.</summary>
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
            throw new RefusedResponseException(RouterErrors.HttpRestriction);
        }
    }
}
