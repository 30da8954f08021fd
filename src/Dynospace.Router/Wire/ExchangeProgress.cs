namespace Dynospace.Router.Wire;

/// <summary>
/// How far a request has come and who is awaited, which is where the time-outs come from. The code that moves bytes
/// says so here; the idle watch asks at any moment, from another thread.
/// </summary>
public sealed class ExchangeProgress(TimeProvider clock, TimeSpan firstByteTimeout, TimeSpan idleTimeout)
{
    private readonly long _firstByteTicks = clock.Ticks(firstByteTimeout);
    private readonly long _idleTicks = clock.Ticks(idleTimeout);
    private long _lastActivity;
    private volatile bool _isSent;
    private volatile bool _hasFirstByte;
    private volatile bool _isUploading;
    private volatile bool _readsClient;
    private volatile bool _writesClient;
    private volatile bool _writesDyno;

    /// <summary>Whether the dyno has sent a byte of its response.</summary>
    public bool HasFirstByte => _hasFirstByte;

    /// <summary>Whether some of the client's body is still to be sent.</summary>
    public bool IsUploading
    {
        get => _isUploading;
        set
        {
            Touch();   // In this order: the wait for the dyno's first byte begins when the last of the body was sent.
            _isUploading = value;
        }
    }

    /// <summary>Whether a write to the client waits until it takes more.</summary>
    public bool WritesClient => _writesClient;

    /// <summary>Before a request is sent on a connection, the first time or again.</summary>
    public void Begin() => (_isSent, _hasFirstByte, _isUploading) = (false, false, false);

    public void BeginDynoWrite() => _writesDyno = true;

    public void EndDynoWrite()
    {
        _writesDyno = false;

        // In this order: the idle watch counts from the last activity as soon as the request is sent.
        Touch();
        _isSent = true;
    }

    public void ReceivedFromDyno()
    {
        _hasFirstByte = true;
        Touch();
    }

    public void BeginClientRead() => _readsClient = true;

    public void EndClientRead()
    {
        _readsClient = false;
        Touch();
    }

    public void BeginClientWrite() => _writesClient = true;

    public void EndClientWrite()
    {
        _writesClient = false;
        Touch();
    }

    /// <summary>The reason to end at this timestamp, if there is one.</summary>
    public RouterError? OverdueAt(long now)
    {
        if (!_isSent)
        {
            return null;   // Connecting has limits of its own.
        }

        var waited = now - Volatile.Read(ref _lastActivity);
        if (!_hasFirstByte && !_isUploading)
        {
            return waited >= _firstByteTicks ? RouterErrors.RequestTimeout : null;
        }

        return waited < _idleTicks ? null : IsClientAwaited ? RouterErrors.ClientIdle : RouterErrors.IdleConnection;
    }

    private bool IsClientAwaited => _writesClient || (_isUploading && _readsClient && !_writesDyno);

    private void Touch() => Volatile.Write(ref _lastActivity, clock.GetTimestamp());
}

public static class ClockExtensions
{
    /// <summary>A time span in the clock's timestamps.</summary>
    public static long Ticks(this TimeProvider clock, TimeSpan time) =>
        (long)(time.TotalSeconds * clock.TimestampFrequency);
}
