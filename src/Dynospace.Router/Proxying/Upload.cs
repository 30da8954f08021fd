using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>
/// Passes the client's body to the dyno while the response is passed back. The part that has already arrived is sent
/// together with the head; the rest is read only as fast as the dyno accepts it. If the dyno stops reading, that is no
/// error: it may have answered.
/// </summary>
internal sealed class Upload(HttpContext context, Visit visit, DynoConnection dyno, TimeProvider clock)
{
    /// <summary>The most bytes of the body that are sent together with the head.</summary>
    private const int WithHead = 16 * 1_024;

    /// <summary>The most bytes that are copied together for one write.</summary>
    private const int Portion = 64 * 1_024;

    /// <summary>The longest size of a chunk in digits, with the line ends after size and data.</summary>
    private const int ChunkFrame = 16;

    /// <summary>A dyno that does not support Expect: 100-continue gets the body after this time.</summary>
    private static readonly TimeSpan Expectation = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The beginning of Kestrel's message when a client closes within its body; the reason code is not public.
    /// </summary>
    private const string EndOfContent = "Unexpected end of request content";

    private readonly Exchange _exchange = visit.Exchange;
    private readonly PipeReader _body = context.Request.BodyReader;
    private readonly long? _length = context.Request.Headers.ContentLength;
    private TaskCompletionSource? _goAhead;
    private Task _rest = Task.CompletedTask;
    private long _sent;
    private volatile bool _isStopped;

    /// <summary>Whether the whole body has been written to the dyno's connection.</summary>
    public bool IsComplete => !_exchange.Progress.IsUploading;

    /// <summary>
    /// False while the client waits for 100 Continue. If it gets another answer it does not send the body, and the next
    /// bytes on its connection would be mistaken for the body.
    /// </summary>
    public bool IsWanted => _goAhead is null or { Task.IsCompleted: true };

    /// <summary>Whether the rest of the body is still being sent.</summary>
    public bool IsGoingOn => !_rest.IsCompleted;

    /// <summary>Sends the head, and begins with the body.</summary>
    /// <exception cref="RequestFailedException">The dyno closed the connection before it got the head.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask BeginAsync()
    {
        _exchange.Progress.IsUploading = true;
        if (context.Request.Headers.Expect.Count > 0)
        {
            _goAhead = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await dyno.SendRequestAsync(_exchange.Progress);
            _rest = SendWhenWantedAsync(_goAhead.Task);
            return;
        }

        var isWhole = AddFirstPart();
        await dyno.SendRequestAsync(_exchange.Progress);
        if (isWhole)
        {
            _exchange.Progress.IsUploading = false;
        }
        else
        {
            _rest = SendRestAsync();
        }
    }

    /// <summary>Handles an interim response of the dyno: with 100 it asks for the body.</summary>
    public void Informed(int status)
    {
        if (status == StatusCodes.Status100Continue)
        {
            GoAhead();
        }
    }

    /// <summary>Waits until the rest of the body has been sent or cannot be sent.</summary>
    public Task RestAsync() => _rest;

    /// <summary>
    /// Stops sending; the dyno's connection has ended or is about to. Nothing reads the client's body after this.
    /// </summary>
    public Task StopAsync()
    {
        if (!IsGoingOn)
        {
            return Task.CompletedTask;
        }

        _isStopped = true;
        GoAhead();
        try
        {
            _body.CancelPendingRead();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone, which has ended the read.
        }

        return _rest;
    }

    /// <summary>
    /// Appends the part of the body that has arrived to the head, if it is short; returns whether that is the whole
    /// body.
    /// </summary>
    private bool AddFirstPart()
    {
        try
        {
            if (_length is null || !_body.TryRead(out var result))
            {
                return false;
            }

            var isShort = result.Buffer.Length <= WithHead;
            if (isShort)
            {
                Count(result.Buffer.Length);
                dyno.Request.Sequence(result.Buffer);
            }

            _body.AdvanceTo(isShort ? result.Buffer.End : result.Buffer.Start);
            return visit.HasRead = isShort && _sent == _length;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new RequestFailedException(ErrorOf(e), Retry.Never, e);
        }
    }

    private void GoAhead() => _goAhead?.TrySetResult();

    private async Task SendWhenWantedAsync(Task goAhead)
    {
        try
        {
            await goAhead.WaitAsync(Expectation, clock);
        }
        catch (TimeoutException)
        {
            GoAhead();   // The dyno may be waiting for the body.
        }

        if (!_isStopped)
        {
            await SendRestAsync();
        }
    }

    private async Task SendRestAsync()
    {
        while (!_isStopped)
        {
            if (await ReadAsync() is not { } result)
            {
                return;
            }

            var isSent = await TrySendAsync(result.Buffer, isLast: result.IsCompleted);
            visit.HasRead = result.IsCompleted || _sent == _length;
            if (!TryAdvance(result.Buffer.End) || !isSent || visit.HasRead)
            {
                return;
            }
        }
    }

    /// <summary>Reads some of the client's body; if that fails, ends the exchange and returns null.</summary>
    private async ValueTask<ReadResult?> ReadAsync()
    {
        _exchange.Progress.BeginClientRead();
        try
        {
            return await _body.ReadAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _exchange.End(ErrorOf(e));
            return null;
        }
        finally
        {
            _exchange.Progress.EndClientRead();
        }
    }

    /// <summary>
    /// Advances the server's reader; if the request was aborted in the meantime, ends the exchange and returns false.
    /// </summary>
    private bool TryAdvance(SequencePosition consumed)
    {
        try
        {
            _body.AdvanceTo(consumed);
            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            _exchange.End(ErrorOf(e));
            return false;
        }
    }

    /// <summary>False if the dyno accepts no more. Its answer up to then is still read.</summary>
    private async ValueTask<bool> TrySendAsync(ReadOnlySequence<byte> body, bool isLast)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(body.Length, Portion) + ChunkFrame);
        try
        {
            Count(body.Length);
            while (!body.IsEmpty)
            {
                var part = body.Slice(0, Math.Min(body.Length, Portion));
                await dyno.WriteAsync(Frame(buffer, part), _exchange.Progress);
                body = body.Slice(part.End);
            }

            if (isLast && _length is null)
            {
                await dyno.WriteAsync("0\r\n\r\n"u8.ToArray(), _exchange.Progress);
            }

            if (isLast || _sent == _length)
            {
                End();
            }

            return true;
        }
        catch (Exception e) when (DynoConnection.IsEnd(e))
        {
            return false;
        }
        catch (RequestFailedException e)
        {
            _exchange.End(e.Error);
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A part of the body as it is sent: as it is if the head states a length, as a chunk otherwise.</summary>
    private ReadOnlyMemory<byte> Frame(byte[] buffer, ReadOnlySequence<byte> part)
    {
        var at = 0;
        if (_length is null)
        {
            ((int)part.Length).TryFormat(buffer, out at, "x");
            "\r\n"u8.CopyTo(buffer.AsSpan(at));
            at += 2;
        }

        part.CopyTo(buffer.AsSpan(at));
        at += (int)part.Length;
        if (_length is null)
        {
            "\r\n"u8.CopyTo(buffer.AsSpan(at));
            at += 2;
        }

        return buffer.AsMemory(0, at);
    }

    /// <summary>
    /// No dyno gets more bytes than the head has announced, however the server parses the client's bytes.
    /// </summary>
    private void Count(long more)
    {
        _sent += more;
        if (_sent > _length)
        {
            throw new RequestFailedException(RouterErrors.BadRequest);
        }
    }

    private void End()
    {
        if (_length is { } length && _sent < length)
        {
            throw new RequestFailedException(RouterErrors.BadRequest);
        }

        _exchange.Progress.IsUploading = false;
    }

    /// <summary>A body that ends too soon is an invalid request only if the client is still connected.</summary>
    private RouterError ErrorOf(Exception reason) => reason switch
    {
        RequestFailedException failed => failed.Error,
        BadHttpRequestException { StatusCode: not StatusCodes.Status400BadRequest } bad =>
            RouterErrors.RequestError(bad.StatusCode),
        BadHttpRequestException bad when bad.Message.StartsWith(EndOfContent, StringComparison.Ordinal) =>
            ClientConnection.EndOf(context),
        ConnectionAbortedException or ConnectionResetException or OperationCanceledException =>
            ClientConnection.EndOf(context),
        _ when context.RequestAborted.IsCancellationRequested => ClientConnection.EndOf(context),
        _ => RouterErrors.BadRequest,
    };
}
