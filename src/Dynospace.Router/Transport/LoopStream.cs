using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Dynospace.Router.Transport;

/// <summary>
/// A connection that this process opens, as a stream: one reader, one writer. The kernel writes into a reader's buffer
/// only during a call on it, never after a read has ended.
/// </summary>
public sealed class LoopStream : Stream, ISocketEvents, IValueTaskSource<int>
{
    private readonly LoopSocket _socket;
    private readonly StreamWriting _writing;
    private SocketWait<int> _wait;
    private Memory<byte> _buffer;

    private LoopStream(int descriptor)
    {
        _socket = new(descriptor, EventLoops.Nearest, this);
        _writing = new(_socket);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Connects on the loop whose thread this is, so that one thread serves a client and its dyno.</summary>
    /// <exception cref="SocketException">It cannot connect.</exception>
    public static async ValueTask<LoopStream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var descriptor = LinuxCalls.OpenTcp(address.AddressFamily);
        if (descriptor < 0)
        {
            throw LinuxCalls.Exception(descriptor);
        }

        var stream = new LoopStream(descriptor);
        try
        {
            stream._socket.Call(static (_, socket) => LinuxCalls.SetNoDelay(socket), 0);
            var connecting = stream._writing.ConnectAsync(address.Serialize());
            await using (cancellationToken.UnsafeRegister(static stream => ((LoopStream)stream!).Dispose(), stream))
            {
                await connecting;
            }

            return stream;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            throw e is IOException { InnerException: SocketException cause } ? cause : e;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        lock (_socket)
        {
            if (_wait.IsPending)
            {
                throw new InvalidOperationException("Another read is pending.");
            }

            var count = Receive(buffer.Span);
            if (count != LinuxCalls.WouldBlock)
            {
                return count >= 0 ? new(count) : ValueTask.FromException<int>(Failure(count));
            }

            _buffer = buffer;
            _wait.Begin();
        }

        _wait.CancelBy(
            this, static (stream, token) => ((LoopStream)stream!).CancelRead(token), cancellationToken);
        return new(this, _wait.Version);
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : _writing.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override void Flush()
    {
        // What is written is sent at once.
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    void ISocketEvents.OnReadable(bool isHungUp)
    {
        int count;
        lock (_socket)
        {
            count = _wait.IsPending ? Receive(_buffer.Span) : LinuxCalls.WouldBlock;
            if (count == LinuxCalls.WouldBlock)
            {
                return;
            }

            _wait.TryEnd();
        }

        if (count >= 0)
        {
            _wait.SetResult(count);
        }
        else
        {
            _wait.SetException(Failure(count));
        }
    }

    void ISocketEvents.OnWritable() => _writing.OnWritable();

    int IValueTaskSource<int>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>The failure that a negative error number means.</summary>
    internal static IOException Failure(int result)
    {
        var cause = LinuxCalls.Exception(result);
        return new(cause.Message, cause);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // First: a wait that begins after this sees it, and one that is pending is ended below.
        _socket.Dispose();
        bool wasWaiting;
        lock (_socket)
        {
            wasWaiting = _wait.TryEnd();
        }

        if (wasWaiting)
        {
            // On another thread: the caller may hold locks.
            ThreadPool.UnsafeQueueUserWorkItem(
                static stream => stream.FailRead(), this, preferLocal: false);
        }

        _writing.Fail();
        base.Dispose(disposing);
    }

    /// <summary>A receive into an empty buffer would look like the end.</summary>
    private int Receive(Span<byte> buffer) =>
        !buffer.IsEmpty ? _socket.Receive(buffer)
        : _socket.IsReadable || _socket.IsClosed ? 0
        : LinuxCalls.WouldBlock;

    private void FailRead() => _wait.SetException(Failure(LinuxCalls.NotOpen));

    private void CancelRead(CancellationToken token) => _wait.Cancel(_socket, token);
}

/// <summary>The writing half of a stream, which first connects it.</summary>
internal sealed class StreamWriting(LoopSocket socket) : IValueTaskSource
{
    private SocketWait<int> _wait;
    private ReadOnlyMemory<byte> _left;
    private bool _isConnecting;

    /// <summary>Completes when the connection is established.</summary>
    public ValueTask ConnectAsync(SocketAddress address)
    {
        lock (this)
        {
            var result = socket.Call(
                static (address, descriptor) => LinuxCalls.Connect(descriptor, address.Buffer.Span[..address.Size]),
                address);
            if (result is < 0 and not LinuxCalls.InProgress)
            {
                throw LinuxCalls.Exception(result);
            }

            _isConnecting = true;
            _wait.Begin();
            socket.Begin();
            return new(this, _wait.Version);
        }
    }

    /// <summary>Completes when the kernel has taken all bytes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        lock (this)
        {
            if (_wait.IsPending)
            {
                throw new InvalidOperationException("Another write is pending.");
            }

            _left = bytes;
            if (TrySend(out var error))
            {
                return error == 0 ? ValueTask.CompletedTask : ValueTask.FromException(LoopStream.Failure(error));
            }
        }

        _wait.CancelBy(
            this, static (writing, token) => ((StreamWriting)writing!)._wait.Cancel(writing, token), cancellationToken);
        return new(this, _wait.Version);
    }

    public void OnWritable()
    {
        if (!_wait.IsPending)
        {
            return;
        }

        int error;
        lock (this)
        {
            if (!_wait.IsPending)
            {
                return;
            }

            if (_isConnecting)
            {
                error = socket.Call(static (_, descriptor) => LinuxCalls.ConnectResult(descriptor), 0);
                _isConnecting = false;
                _wait.TryEnd();
            }
            else if (!TrySend(out error))
            {
                return;
            }
        }

        Finish(error);
    }

    /// <summary>The socket was closed: a pending write fails.</summary>
    public void Fail()
    {
        lock (this)
        {
            if (!_wait.TryEnd())
            {
                return;
            }
        }

        // On another thread: the caller may hold locks.
        ThreadPool.UnsafeQueueUserWorkItem(
            static writing => writing.Finish(LinuxCalls.NotOpen), this, preferLocal: false);
    }

    void IValueTaskSource.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void Finish(int error)
    {
        if (error == 0)
        {
            _wait.SetResult(0);
        }
        else
        {
            _wait.SetException(LoopStream.Failure(error));
        }
    }

    /// <summary>
    /// Whether the write has ended; otherwise it waits. That is noted before the last attempt, so that an event after
    /// it is not missed.
    /// </summary>
    private bool TrySend(out int error)
    {
        error = 0;
        while (!_left.IsEmpty && error == 0)
        {
            var count = socket.Send(_left.Span, hasMore: false);
            if (count >= 0)
            {
                _left = _left[count..];
            }
            else if (count != LinuxCalls.WouldBlock)
            {
                error = count;
            }
            else if (_wait.IsPending)
            {
                return false;
            }
            else
            {
                _wait.Begin();
                Interlocked.MemoryBarrier();
            }
        }

        _left = default;
        _wait.TryEnd();
        return true;
    }
}
