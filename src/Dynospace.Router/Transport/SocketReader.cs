using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Dynospace.Router.Transport;

/// <summary>
/// The bytes that a client sends. A read receives those that have arrived; if there are none, it waits, and the loop's
/// thread receives them. While there are no bytes, no buffer is held.
/// <para>
/// The lock is the object itself: at a thousand connections each further object costs a miss of the processor's cache.
/// </para>
/// </summary>
internal sealed class SocketReader(LoopConnection connection) : PipeReader, IValueTaskSource<ReadResult>
{
    /// <summary>The most bytes of a client that has left to receive ahead of reads, so that its end is found.</summary>
    private const int MaxAhead = 1_024 * 1_024;

    /// <summary>
    /// How many small buffers in a row must be filled before a large one is taken: few bytes take little memory.
    /// </summary>
    private const int FilledBeforeLarge = 4;

    private SocketWait<ReadResult> _wait;
    private Exception? _error;
    private Block? _head;
    private Block? _tail;
    private int _start;
    private int _filled;
    private bool _isHanded;
    private bool _isExamined = true;
    private bool _isCanceled;
    private bool _isEnded;
    private bool _isCompleted;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        lock (this)
        {
            if (TryTake(out var result))
            {
                return new(result);
            }

            _wait.Begin();
        }

        _wait.CancelBy(
            this, static (reader, token) => ((SocketReader)reader!)._wait.Cancel(reader, token), cancellationToken);
        return new(this, _wait.Version);
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        lock (this)
        {
            return TryTake(out result);
        }
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (this)
        {
            if (_isCompleted || consumed.GetObject() is not Block to)
            {
                return;
            }

            _isHanded = false;
            _isExamined = examined.GetObject() == _tail && examined.GetInteger() == _tail?.Length;
            while (_head != to)
            {
                DropHead();
            }

            _start = consumed.GetInteger();
            if (_head == _tail && _start == to.Length)
            {
                DropHead();
                _isExamined = true;
            }
        }
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        ReadResult result;
        lock (this)
        {
            if (!_wait.TryEnd())
            {
                _isCanceled = true;
                return;
            }

            result = Take(isCanceled: true);
        }

        _wait.SetResult(result);
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
        lock (this)
        {
            _isCompleted = true;
            if (_isHanded)
            {
                // The bytes may still be in use, so another connection must not get their buffers.
                (_head, _tail) = (null, null);
            }

            while (_head is not null)
            {
                DropHead();
            }
        }
    }

    /// <summary>Receives for a pending read; if the client has left, also ahead of reads.</summary>
    public void OnReadable(bool isHungUp)
    {
        ReadResult result = default;
        Exception? error = null;
        bool isDone;
        lock (this)
        {
            isDone = _wait.IsPending && TryReceive() && _wait.TryEnd();
            if (isDone)
            {
                error = _error;
                result = error is null ? Take(isCanceled: false) : default;
            }
        }

        if (isDone && error is null)
        {
            _wait.SetResult(result);
        }
        else if (isDone)
        {
            _wait.SetException(error!);
        }

        if (isHungUp)
        {
            ReceiveAhead();
        }
    }

    /// <summary>
    /// The connection is over: a pending read fails, and so does each later one after the received bytes are consumed.
    /// </summary>
    public void Fail(Exception error)
    {
        lock (this)
        {
            _error ??= error;
            if (!_wait.TryEnd())
            {
                return;
            }
        }

        // On another thread: the caller may hold locks.
        ThreadPool.UnsafeQueueUserWorkItem(
            static reader => reader._wait.SetException(reader._error!), this, preferLocal: false);
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _wait.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private bool TryTake(out ReadResult result)
    {
        if (_isCompleted || _wait.IsPending)
        {
            throw new InvalidOperationException(
                _isCompleted ? "The reader was completed." : "Another read is pending.");
        }

        if (!_isCanceled && _isExamined && !TryReceive())
        {
            result = default;
            return false;
        }

        if (!_isCanceled && _isExamined && _error is { } error)
        {
            throw error;
        }

        result = Take(_isCanceled);
        _isCanceled = false;
        return true;
    }

    private ReadResult Take(bool isCanceled)
    {
        if (_head is null)
        {
            return new(default, isCanceled, _isEnded);
        }

        _isHanded = true;
        return new(new ReadOnlySequence<byte>(_head, _start, _tail!, _tail!.Length), isCanceled, _isEnded);
    }

    private void ReceiveAhead()
    {
        lock (this)
        {
            for (var ahead = Buffered(); ahead < MaxAhead && !_isCompleted && !_wait.IsPending; ahead = Buffered())
            {
                if (_isEnded || _error is not null || !TryReceive())
                {
                    return;
                }
            }
        }

        long Buffered() => _tail is null ? 0 : _tail.RunningIndex + _tail.Length - _head!.RunningIndex - _start;
    }

    /// <summary>Whether there is something new: bytes, the end, or an error.</summary>
    private bool TryReceive()
    {
        if (_isEnded || _error is not null)
        {
            return true;
        }

        if (!connection.Socket.IsReadable && !connection.Socket.IsClosed)
        {
            return false;   // Without taking a buffer: so ends almost every read that follows a response.
        }

        var block = _tail is null || _tail.Free.IsEmpty
            ? Block.Take(_filled < FilledBeforeLarge ? Block.Small : Block.Large)
            : _tail;
        var free = block.Free.Span;
        var count = connection.Socket.Receive(free);
        if (count > 0)
        {
            _filled = count == free.Length ? _filled + 1 : 0;
            _isExamined = false;
            block.Add(count);
            Append(block);
            return true;
        }

        if (block != _tail)
        {
            block.Return();
        }

        if (count == LinuxCalls.WouldBlock)
        {
            return false;
        }

        if (count == 0)
        {
            _isEnded = true;
            connection.Close();
        }
        else
        {
            _error = connection.Break(count);
        }

        return true;
    }

    private void Append(Block block)
    {
        if (_tail is null)
        {
            (_head, _start) = (block, 0);
        }
        else if (_tail != block)
        {
            _tail.Append(block);
        }

        _tail = block;
    }

    private void DropHead()
    {
        var block = _head
            ?? throw new InvalidOperationException("The position is not one of the bytes that were read.");
        _head = block.Following;
        _start = 0;
        if (_head is null)
        {
            _tail = null;
        }

        block.Return();
    }
}
