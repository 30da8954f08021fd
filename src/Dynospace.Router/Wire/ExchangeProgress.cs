namespace Dynospace.Router.Wire;

/// <summary>
/// How far a request has come and which side is waited for, from which the time-outs follow. The code that moves bytes
/// reports here; the idle watch reads at any moment, from another thread.
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

    /// <summary>Whether part of the client's body has not been sent yet.</summary>
    public bool IsUploading
    {
        get => _isUploading;
        set
        {
            Touch();   // In this order: the wait for the dyno's first byte begins once the last of the body was sent.
            _isUploading = value;
        }
    }

    /// <summary>Whether a write waits for the client to accept more.</summary>
    public bool WritesClient => _writesClient;

    /// <summary>To be called before a request is sent on a connection, for the first time or again.</summary>
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

    /// <summary>The reason to end the exchange at this timestamp; null for none.</summary>
    public RouterError? OverdueAt(long now)
    {
        if (!_isSent)
        {
            return null;   // Connecting has its own time limits.
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
