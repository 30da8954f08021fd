using Dynospace.Router.Metrics;
using Dynospace.Router.Routing;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Dynos;

/// <summary>
/// The connections to one dyno. When the dyno leaves rotation, the pool takes no new request and closes its connections
/// after the last request in flight, so that none is dropped.
/// </summary>
public sealed class DynoPool : IDisposable
{
    private static readonly TimeSpan IdleConnectionTimeout = TimeSpan.FromSeconds(90);

    private readonly IDynoConnector _connector;
    private readonly Func<RouterSettings> _settings;
    private readonly RouterMetrics _metrics;
    private readonly TimeProvider _clock;
    private long _quarantinedUntil = long.MinValue;
    private int _inFlight;
    private int _retired;

    public DynoPool(
        DynoEndpoint dyno, IDynoConnector connector, Func<RouterSettings> settings, RouterMetrics metrics,
        TimeProvider clock)
    {
        Dyno = dyno;
        _connector = connector;
        _settings = settings;
        _metrics = metrics;
        _clock = clock;
        Idle = new(clock, IdleConnectionTimeout);
    }

    public DynoEndpoint Dyno { get; }

    /// <summary>
    /// When the dyno may be tried again, as a timestamp of the clock; in the past if it may be tried now.
    /// </summary>
    public long QuarantinedUntil => Volatile.Read(ref _quarantinedUntil);

    /// <summary>Counts a request in; false if the dyno has left rotation.</summary>
    public bool TryEnter()
    {
        Interlocked.Increment(ref _inFlight);
        if (Volatile.Read(ref _retired) == 0)
        {
            return true;
        }

        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0 && Volatile.Read(ref _retired) == 1)
        {
            Idle.Close();   // Racing requests may get here more than once; closing twice does no harm.
        }
    }

    /// <summary>The dyno leaves rotation.</summary>
    public void Dispose()
    {
        Interlocked.Increment(ref _inFlight);
        Volatile.Write(ref _retired, 1);
        Leave();
    }

    /// <summary>Connections that are kept for the next request.</summary>
    public IdleConnections Idle { get; }

    /// <summary>Opens a connection.</summary>
    /// <exception cref="RequestFailedException">The dyno refused it, or did not answer in time.</exception>
    public async ValueTask<DynoConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var generation = Idle.Generation;
        var settings = _settings();
        var started = _clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var stream = await _connector.ConnectAsync(Dyno, either.Token);
            var elapsed = _clock.GetElapsedTime(started);
            _metrics.Connected(elapsed);
            return new(stream, elapsed, generation);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.ConnectFailed();
            Quarantine(settings);
            var error = timeout.IsCancellationRequested ? RouterErrors.ConnectTimeout : RouterErrors.ConnectRefused;
            throw new RequestFailedException(error, Retry.AnotherDyno, e);
        }
    }

    private void Quarantine(RouterSettings settings)
    {
        if (settings.IsCommon)
        {
            Volatile.Write(ref _quarantinedUntil, _clock.GetTimestamp() + _clock.Ticks(settings.QuarantineTime));
        }
    }
}

/// <summary>A dyno's idle connections. The one used last is taken first, so that superfluous ones time out.</summary>
public sealed class IdleConnections(TimeProvider clock, TimeSpan longest)
{
    private readonly Lock _lock = new();
    private readonly List<DynoConnection> _connections = [];
    private int _generation;
    private bool _isClosed;

    /// <summary>The generation of a connection that is opened now.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Takes a connection that is still open; null if there is none.</summary>
    public DynoConnection? Take()
    {
        while (Last() is { } connection)
        {
            if (!connection.IsSpent)
            {
                return connection;
            }

            connection.Dispose();
        }

        return null;
    }

    public void Keep(DynoConnection connection)
    {
        connection.IdleSince = clock.GetTimestamp();
        lock (_lock)
        {
            if (!_isClosed && connection.Generation == _generation)
            {
                _connections.Add(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>
    /// Closes all idle connections of the same generation as this one, which turned out to be closed: a dyno that ends
    /// closes all of them. Connections of that generation that carry a request are not kept after it.
    /// </summary>
    public void LetGo(DynoConnection dead)
    {
        lock (_lock)
        {
            if (dead.Generation == _generation)
            {
                _generation++;
                Clear();
            }
        }
    }

    /// <summary>Closes connections that have been idle for too long or that the dyno closed.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            _connections.RemoveAll(connection =>
            {
                var isOver = connection.IsSpent || clock.GetElapsedTime(connection.IdleSince) >= longest;
                if (isOver)
                {
                    connection.Dispose();
                }

                return isOver;
            });
        }
    }

    /// <summary>Closes all connections and keeps none from now on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Clear();
        }
    }

    private DynoConnection? Last()
    {
        lock (_lock)
        {
            if (_connections is not [.., var last])
            {
                return null;
            }

            _connections.RemoveAt(_connections.Count - 1);
            return last;
        }
    }

    private void Clear()
    {
        _connections.ForEach(connection => connection.Dispose());
        _connections.Clear();
    }
}
