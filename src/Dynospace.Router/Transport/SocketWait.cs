using System.Threading.Tasks.Sources;

namespace Dynospace.Router.Transport;

/// <summary>
/// The wait of a reader or a writer for its socket, as the state of a ValueTask. An event, a cancellation or the end of
/// the connection completes it: the first to end it under the owner's lock does so after releasing the lock, so that no
/// continuation runs within it.
/// <para>A field of its owner, since each further object costs a miss of the processor's cache.</para>
/// </summary>
internal struct SocketWait<T>
{
    private ManualResetValueTaskSourceCore<T> _source;
    private CancellationTokenRegistration _cancellation;
    private bool _isPending;

    /// <summary>Whether it has begun and not ended. May be read without the lock.</summary>
    public bool IsPending => Volatile.Read(ref _isPending);

    /// <summary>Identifies the current wait to its ValueTask.</summary>
    public short Version => _source.Version;

    /// <summary>Begins the next wait. The owner's lock is held.</summary>
    public void Begin()
    {
        _source.Reset();
        Volatile.Write(ref _isPending, true);
    }

    /// <summary>Ends the wait; false if it is not pending. The owner's lock is held.</summary>
    public bool TryEnd()
    {
        var wasPending = _isPending;
        _isPending = false;
        return wasPending;
    }

    /// <summary>Lets a token cancel the wait that has just begun.</summary>
    /// <param name="owner">The argument of <paramref name="cancel"/>.</param>
    /// <param name="cancel">Calls <see cref="Cancel"/>.</param>
    /// <param name="token">The token.</param>
    public void CancelBy(object owner, Action<object?, CancellationToken> cancel, CancellationToken token)
    {
        if (token.CanBeCanceled)
        {
            _cancellation = token.UnsafeRegister(cancel, owner);
        }
    }

    /// <summary>Cancels the wait if it is pending.</summary>
    /// <param name="owner">The object to lock.</param>
    /// <param name="token">The token that was cancelled.</param>
    public void Cancel(object owner, CancellationToken token)
    {
        lock (owner)
        {
            if (!TryEnd())
            {
                return;
            }
        }

        SetException(new OperationCanceledException(token));
    }

    public void SetResult(T result) => _source.SetResult(result);

    public void SetException(Exception error) => _source.SetException(error);

    public T GetResult(short version)
    {
        _cancellation.Dispose();
        _cancellation = default;
        return _source.GetResult(version);
    }

    public ValueTaskSourceStatus GetStatus(short version) => _source.GetStatus(version);

    public void OnCompleted(
        Action<object?> continuation, object? state, short version, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, version, flags);
}
