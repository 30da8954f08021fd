using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Transport;

/// <summary>A client's connection, as the server sees it.</summary>
internal sealed class LoopConnection : ConnectionContext, ISocketEvents, IDuplexPipe
{
    /// <summary>The most unread bytes that are discarded when a connection ends.</summary>
    private const int MaxDiscarded = 1_024 * 1_024;

    private readonly SocketReader _input;
    private readonly SocketWriter _output;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closed = new();
    private IDictionary<object, object?>? _items;
    private string? _id;
    private int _isClosed;
    private int _isBroken;

    /// <summary>Takes over the descriptor.</summary>
    public LoopConnection(
        int descriptor, EventLoop loop, MemoryPool<byte> pool, EndPoint local, EndPoint remote, ILogger logger)
    {
        (_input, _output, _logger) = (new(this), new(this), logger);
        Socket = new(descriptor, loop, this);
        (MemoryPool, LocalEndPoint, RemoteEndPoint) = (pool, local, remote);
        ConnectionClosed = _closed.Token;
        Transport = this;
        Features = new ConnectionFeatures(this);
    }

    public LoopSocket Socket { get; }

    /// <summary>The server's buffers for the layers above this connection.</summary>
    public MemoryPool<byte> MemoryPool { get; }

    /// <inheritdoc/>
    public override IFeatureCollection Features { get; }

    /// <inheritdoc/>
    public override IDuplexPipe Transport { get; set; }

    /// <inheritdoc/>
    public override CancellationToken ConnectionClosed { get; set; }

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint { get; set; }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; set; }

    /// <inheritdoc/>
    public override string ConnectionId
    {
        get => _id ??= Socket.Key.ToString("X16", CultureInfo.InvariantCulture);
        set => _id = value;
    }

    /// <inheritdoc/>
    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <inheritdoc/>
    public void OnReadable(bool isHungUp) => _input.OnReadable(isHungUp);

    /// <inheritdoc/>
    public void OnWritable() => _output.OnWritable();

    /// <inheritdoc/>
    public override void Abort() => Abort(new ConnectionAbortedException());

    /// <inheritdoc/>
    public override void Abort(ConnectionAbortedException abortReason)
    {
        Socket.Reset();
        End(abortReason);
    }

    /// <summary>Notes that a call on the socket has failed, which ends both directions.</summary>
    /// <returns>The error of pending and later reads.</returns>
    public Exception Break(int result)
    {
        var cause = LinuxCalls.Exception(result);
        Exception error = result switch
        {
            LinuxCalls.Reset or LinuxCalls.BrokenPipe => new ConnectionResetException(cause.Message, cause),
            LinuxCalls.NotOpen => new ConnectionAbortedException("The connection was closed.", cause),
            _ => new IOException(cause.Message, cause),
        };
        if (Interlocked.Exchange(ref _isBroken, 1) == 0)
        {
            // On another thread: the caller holds the lock of its direction.
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.connection.End(state.error), (connection: this, error), preferLocal: false);
        }

        return error;
    }

    /// <summary>Reports once, on another thread, that the client has left or the connection is over.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static connection => connection.ReportClosed(), this, preferLocal: false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _output.Complete();
        _input.Complete();
        Discard();
        Socket.Dispose();
        End(new ConnectionAbortedException("The connection was closed."));
        await base.DisposeAsync();
    }

    private void End(Exception reason)
    {
        _input.Fail(reason);
        _output.Fail();
        Close();
    }

    /// <summary>
    /// Closing a connection with unread bytes resets it, and the client may lose the response that is still on its way.
    /// </summary>
    private void Discard()
    {
        if (Socket.IsClosed)
        {
            return;
        }

        Socket.Call(static (_, descriptor) => LinuxCalls.ShutDown(descriptor, SocketShutdown.Send), 0);
        var block = Block.Take(Block.Large);
        for (int discarded = 0, count; discarded < MaxDiscarded; discarded += count)
        {
            count = Socket.Receive(block.Free.Span);
            if (count <= 0)
            {
                break;
            }
        }

        block.Return();
    }

    private void ReportClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException e)
        {
            _logger.LogError(e, "The end of a connection was not handled");
        }
    }
}
