using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Dynospace.Router.Transport;

/// <summary>
/// The bytes for a client: collected until a flush, and then sent at once. A flush completes when the kernel has taken
/// all bytes, so that the dyno is read no faster than the client reads.
/// <para>The lock is the object itself, as in <see cref="SocketReader"/>.</para>
/// </summary>
internal sealed class SocketWriter(LoopConnection connection) : PipeWriter, IValueTaskSource<FlushResult>
{
    private SocketWait<FlushResult> _wait;
    private Block? _head;
    private Block? _tail;
    private long _unflushed;
    private int _sent;
    private bool _wantsMuch;
    private bool _isCanceled;
    private bool _isEnded;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _unflushed;

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        lock (this)
        {
            if (_wait.IsPending)
            {
                // What is sent belongs to the loop's thread now.
                throw new InvalidOperationException("A flush is pending.");
            }

            if (_tail is null)
            {
                // One large block costs one system call where a small one and its successor cost two.
                _head = _tail = Block.Take(Math.Max(sizeHint, _wantsMuch ? Block.Large : Block.Small));
            }
            else if (_tail.Free.Length < Math.Max(sizeHint, 1))
            {
                var next = Block.Take(Math.Max(sizeHint, Block.Large));
                _tail.Append(next);
                _tail = next;
            }

            return _tail.Free;
        }
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        lock (this)
        {
            if (_wait.IsPending || (uint)bytes > (uint)(_tail?.Free.Length ?? 0))
            {
                throw new InvalidOperationException("More was written than there was room for.");
            }

            _tail?.Add(bytes);
            _unflushed += bytes;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        lock (this)
        {
            if (_wait.IsPending)
            {
                throw new InvalidOperationException("Another flush is pending.");
            }

            if (_isCanceled)
            {
                _isCanceled = false;
                return new(new FlushResult(isCanceled: true, isCompleted: _isEnded));
            }

            _wantsMuch = _unflushed > Block.Small;
            if (TrySend())
            {
                return new(new FlushResult(isCanceled: false, isCompleted: _isEnded));
            }
        }

        _wait.CancelBy(
            this, static (writer, token) => ((SocketWriter)writer!)._wait.Cancel(writer, token), cancellationToken);
        return new(this, _wait.Version);
    }

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
        lock (this)
        {
            if (!_wait.TryEnd())
            {
                _isCanceled = true;
                return;
            }
        }

        _wait.SetResult(new FlushResult(isCanceled: true, isCompleted: false));
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        lock (this)
        {
            if (exception is null && !_wait.IsPending)
            {
                TrySend();
                _wait.TryEnd();   // Nobody waits for it.
            }
        }

        Fail();
    }

    /// <summary>Sends more for a pending flush.</summary>
    public void OnWritable()
    {
        if (!_wait.IsPending)
        {
            return;
        }

        lock (this)
        {
            if (!_wait.IsPending || !TrySend())
            {
                return;
            }
        }

        _wait.SetResult(new FlushResult(isCanceled: false, isCompleted: _isEnded));
    }

    /// <summary>The connection is over: a pending flush completes, and nothing more is sent.</summary>
    public void Fail()
    {
        lock (this)
        {
            _isEnded = true;
            if (!_wait.TryEnd())
            {
                return;
            }
        }

        // On another thread: the caller may hold locks.
        ThreadPool.UnsafeQueueUserWorkItem(
            static writer => writer._wait.SetResult(new FlushResult(isCanceled: false, isCompleted: true)), this,
            preferLocal: false);
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    /// <summary>
    /// Whether nothing is left to be sent; otherwise the flush waits. That is noted before the last attempt, so that an
    /// event after it is not missed.
    /// </summary>
    private bool TrySend()
    {
        while (_head is { } block && !_isEnded)
        {
            var left = block.Filled[_sent..];
            var count = left.IsEmpty ? 0 : connection.Socket.Send(left, hasMore: block.Following is not null);
            if (count >= 0)
            {
                _sent += count;
                _unflushed -= count;
                DropHeadIfSent(block);
            }
            else if (count != LinuxCalls.WouldBlock)
            {
                connection.Break(count);
                _isEnded = true;
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

        if (_isEnded)
        {
            // Not returned to the pool: the server may still write to them, as it may not know of the end yet.
            (_head, _tail, _sent, _unflushed) = (null, null, 0, 0);
        }

        _wait.TryEnd();
        return true;
    }

    private void DropHeadIfSent(Block block)
    {
        if (_sent < block.Length)
        {
            return;
        }

        (_head, _sent) = (block.Following, 0);
        if (_head is null)
        {
            _tail = null;
        }

        block.Return();
    }
}
