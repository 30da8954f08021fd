using Dynospace.Router.Dynos;
using Dynospace.Router.Errors;
using Dynospace.Router.Routing;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Exchanges;

/// <summary>
/// One request on its way to a dyno and back. It stands between the forwarder and the dyno's connections, so that it sees when what
/// passes; the idle watch asks it whether it has waited too long, and for whom.
/// </summary>
internal sealed class Exchange(TimeProvider clock, RouterSettings settings) : HttpMessageInvoker(Unused, disposeHandler: false)
{
    /// <summary>Each try is on connections that were made after the last one failed; more than a few failures are not by chance.</summary>
    public const int MaxStaleConnections = 3;

    private static readonly HttpMessageHandler Unused = new SocketsHttpHandler();
    private static readonly AsyncLocal<Exchange?> Ambient = new();

    private readonly long _firstByteTicks = clock.Ticks(settings.FirstByteTimeout);
    private readonly long _idleTicks = clock.Ticks(settings.IdleTimeout);
    private CancellationTokenSource? _cancellation;
    private DynoPool? _pool;
    private DynoStream? _stream;
    private DynoConnection? _connection;
    private TimeSpan _connectTime;
    private long _lastActivity;
    private volatile bool _isSent;
    private volatile bool _dynoWrites;

    /// <summary>The exchange of the current asynchronous flow; how a connection learns whom it serves.</summary>
    public static Exchange? Current => Ambient.Value;

    /// <summary>For whatever else waits than a read or a write of a connection that the exchange has for itself.</summary>
    public CancellationToken Cancellation
    {
        get
        {
            if (_cancellation is null)
            {
                Interlocked.CompareExchange(ref _cancellation, new(), null);
                if (Verdict is not null)
                {
                    _cancellation.Cancel();
                }
            }

            return _cancellation.Token;
        }
    }

    /// <summary>Where the idle watch keeps it.</summary>
    public int WatchIndex { get; set; } = -1;

    public bool HasFirstByte { get; private set; }

    /// <summary>The client's body, when there is one; without it a request is sent with its head.</summary>
    public RequestBodyMeter? RequestBody { get; set; }

    public ResponseMeter? Response { get; set; }

    /// <summary>Headers of a body that the client named without sending one.</summary>
    public List<KeyValuePair<string, string?>>? BodylessHeaders { get; set; }

    /// <summary>A request whose repetition changes nothing may be sent again when a kept connection turns out dead.</summary>
    public bool IsRepeatable { get; set; }

    /// <summary>The first verdict on the exchange; what is thrown after it is its consequence.</summary>
    public RouterError? Verdict { get; private set; }

    public TimeSpan ConnectTime => _stream is { } stream ? stream.ConnectTime : _connectTime;

    /// <summary>Whether bytes of the request may have reached a dyno.</summary>
    public bool HasSent => _stream is not null;

    public void To(DynoPool pool) => _pool = pool;

    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Ambient.Value = this;
        request.Content = ContentOf(request);
        for (var attempt = 1; ; attempt++)
        {
            var connections = _pool!.Connections;
            try
            {
                return await connections.SendAsync(request, cancellationToken);
            }
            catch (Exception e) when (
                IsStale(e) && IsRepeatable && attempt <= MaxStaleConnections && !cancellationToken.IsCancellationRequested)
            {
                // What came of the request on the dead connection does not matter: a repetition may go to any dyno.
                _pool.Renew(connections);
                Detach();
                (_stream, _isSent) = (null, false);
            }
            catch (ObjectDisposedException) when (connections != _pool.Connections)
            {
                // They were let go of before anything was sent.
            }
        }
    }

    public void Attach(DynoStream stream)
    {
        _stream = stream;
        HasFirstByte = false;
        Touch();
    }

    /// <summary>Takes a connection for itself; false when the exchange is over already.</summary>
    public bool TryTake(DynoConnection connection)
    {
        _connectTime = connection.ConnectTime;
        HasFirstByte = false;
        _isSent = false;
        Interlocked.Exchange(ref _connection, connection);
        return Verdict is null || !TryGiveBack(connection);
    }

    /// <summary>Whether the connection is still the exchange's; if not, the exchange was ended and the connection with it.</summary>
    public bool TryGiveBack(DynoConnection connection) => Interlocked.CompareExchange(ref _connection, null, connection) == connection;

    /// <summary>Ends the connection that the exchange has for itself.</summary>
    public void Disconnect() => Interlocked.Exchange(ref _connection, null)?.Dispose();

    public void BeginDynoWrite() => _dynoWrites = true;

    public void EndDynoWrite()
    {
        _dynoWrites = false;

        // In this order: the idle watch, which may look at any moment, counts from the last activity as soon as the request is sent.
        Touch();
        _isSent = true;
    }

    public void ReceivedFromDyno()
    {
        HasFirstByte = true;
        Touch();
    }

    public void Touch() => Volatile.Write(ref _lastActivity, clock.GetTimestamp());

    /// <summary>Ends the exchange for this reason, unless another came first.</summary>
    public void End(RouterError reason)
    {
        Verdict ??= reason;
        Interlocked.MemoryBarrier();   // Who takes a connection or a token from now on sees the verdict.
        _cancellation?.Cancel();
        Disconnect();
    }

    /// <summary>The reason to end by now, if there is one.</summary>
    public RouterError? OverdueAt(long now)
    {
        if (!_isSent || Verdict is not null)
        {
            return null;   // Connecting has limits of its own.
        }

        var waited = now - Volatile.Read(ref _lastActivity);
        var isUploading = RequestBody is { IsComplete: false };
        if (!HasFirstByte && !isUploading)
        {
            return waited >= _firstByteTicks ? RouterErrors.RequestTimeout : null;
        }

        return waited < _idleTicks ? null
            : IsClientAwaited(isUploading) ? RouterErrors.ClientIdle
            : RouterErrors.IdleConnection;
    }

    /// <summary>Lets go of the connection, which may serve another exchange by now.</summary>
    public void Detach() => _stream?.Release(this);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _cancellation?.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Whether the dyno had closed a kept connection as the request was on its way. The client below sees that itself when it happens
    /// before the request has taken the connection. A new connection that is reset was in the backlog of a dyno that ended.
    /// </summary>
    private bool IsStale(Exception exception) => !HasFirstByte && exception
        is DynoClosedException { WasReused: true } or DynoClosedException { WasReset: true }
        or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
        or HttpRequestException { InnerException: IOException };

    private HttpContent? ContentOf(HttpRequestMessage request)
    {
        if (request.Content is { } body)
        {
            return new FlushingContent(body);
        }

        if (BodylessHeaders is null)
        {
            return null;
        }

        var empty = new ByteArrayContent([]);
        foreach (var (name, value) in BodylessHeaders)
        {
            empty.Headers.TryAddWithoutValidation(name, value);
        }

        return empty;
    }

    private bool IsClientAwaited(bool isUploading) =>
        isUploading ? RequestBody!.IsReading && !_dynoWrites : Response is { IsWriting: true };
}
