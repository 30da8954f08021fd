using System.Net;
using Dynospace.Router.Errors;
using Dynospace.Router.Requests;
using Dynospace.Router.Routing;
using Dynospace.Router.Serving;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Dynos;

/// <summary>
/// The connections to one dyno. Out of rotation it takes no new request and closes its connections once the last request in flight is
/// over, so that none is dropped.
/// </summary>
internal sealed class DynoPool : IDisposable
{
    private static readonly TimeSpan IdleConnectionTimeout = TimeSpan.FromSeconds(90);

    private readonly IDynoConnector _connector;
    private readonly Func<RouterSettings> _settings;
    private readonly RouterMetrics _metrics;
    private readonly TimeProvider _clock;
    private HttpMessageInvoker _connections;
    private long _quarantinedUntil = long.MinValue;
    private int _inFlight;
    private int _retired;

    public DynoPool(DynoEndpoint dyno, IDynoConnector connector, Func<RouterSettings> settings, RouterMetrics metrics, TimeProvider clock)
    {
        Dyno = dyno;
        _connector = connector;
        _settings = settings;
        _metrics = metrics;
        _clock = clock;
        _connections = NewConnections();
        Idle = new(clock, IdleConnectionTimeout);
    }

    public DynoEndpoint Dyno { get; }

    /// <summary>When it may be tried again, as a timestamp of the clock; in the past when it may be now.</summary>
    public long QuarantinedUntil => Volatile.Read(ref _quarantinedUntil);

    /// <summary>Takes part in a request; false when the dyno has left rotation for good.</summary>
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
            Close();
        }
    }

    /// <summary>Leaves rotation.</summary>
    public void Dispose()
    {
        Interlocked.Increment(ref _inFlight);
        Volatile.Write(ref _retired, 1);
        Leave();
    }

    /// <summary>Kept connections for requests without a body.</summary>
    public IdleConnections Idle { get; }

    /// <summary>A new connection for requests without a body.</summary>
    /// <exception cref="DynoConnectException">None came about.</exception>
    public async ValueTask<DynoConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var generation = Idle.Generation;
        var (stream, elapsed) = await ConnectAsync(cancellationToken);
        return new(stream, elapsed, generation);
    }

    /// <summary>What requests are sent by now; another one after <see cref="Renew"/>.</summary>
    public HttpMessageInvoker Connections => Volatile.Read(ref _connections);

    /// <summary>
    /// Lets go of all kept connections: one turned out dead, and a dyno that ends closes them all. What is in flight on them goes on.
    /// </summary>
    /// <param name="stale">Those that the caller used; if they were let go of already, nothing happens.</param>
    public void Renew(HttpMessageInvoker stale)
    {
        var fresh = NewConnections();
        if (Interlocked.CompareExchange(ref _connections, fresh, stale) == stale)
        {
            stale.Dispose();
        }
        else
        {
            fresh.Dispose();
        }
    }

    /// <summary>Entering and leaving may race here more than once; disposing twice is nothing.</summary>
    private void Close()
    {
        Connections.Dispose();
        Idle.Close();
    }

    private HttpMessageInvoker NewConnections() => new(Handler(), disposeHandler: true);

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var (stream, elapsed) = await ConnectAsync(cancellationToken);
            return new DynoStream(stream, elapsed);
        },
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionIdleTimeout = IdleConnectionTimeout,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
#pragma warning disable CA2262 // 512 kB are the platform's limit.
        MaxResponseHeadersLength = ResponseLimits.HeadKilobytes,
#pragma warning restore CA2262
        MaxResponseDrainSize = 0,
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,

        // Bytes pass as they are.
        RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
    };

    private async ValueTask<(Stream Stream, TimeSpan Time)> ConnectAsync(CancellationToken cancellationToken)
    {
        var settings = _settings();
        var started = _clock.GetTimestamp();
        using var timeout = new CancellationTokenSource(settings.ConnectTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var stream = await _connector.ConnectAsync(Dyno, either.Token);
            var elapsed = _clock.GetElapsedTime(started);
            _metrics.Connected(elapsed);
            return (stream, elapsed);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.ConnectFailed();
            Quarantine(settings);
            throw new DynoConnectException(
                timeout.IsCancellationRequested ? RouterErrors.ConnectTimeout : RouterErrors.ConnectRefused, e);
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
