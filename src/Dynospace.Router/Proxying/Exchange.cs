using Dynospace.Router.Routing;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>
/// One request to a dyno and its response, which can be ended from outside: by the idle watch, the drain, or a client
/// that leaves. The first reason is the verdict; exceptions on the request path after that are its consequences.
/// </summary>
internal sealed class Exchange(HttpContext client, RouterSettings settings, TimeProvider clock) : IDisposable
{
    private CancellationTokenSource? _cancellation;
    private DynoConnection? _connection;

    /// <summary>The exchange's index in the idle watch's list.</summary>
    public int WatchIndex { get; set; } = -1;

    public ExchangeProgress Progress { get; } = new(clock, settings.FirstByteTimeout, settings.IdleTimeout);

    /// <summary>Why the exchange was ended; null while it goes on.</summary>
    public RouterError? Verdict { get; private set; }

    /// <summary>How long connecting to the dyno took; zero on a reused connection.</summary>
    public TimeSpan ConnectTime { get; private set; }

    /// <summary>
    /// Cancels every wait except I/O on the exchange's own connection, which ends with that connection.
    /// </summary>
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

    /// <summary>Makes a connection the exchange's own; false if the exchange has already ended.</summary>
    public bool TryTake(DynoConnection connection)
    {
        connection.BeginRequest();
        ConnectTime = connection.ConnectTime;
        Progress.Begin();
        Interlocked.Exchange(ref _connection, connection);
        return Verdict is null || !TryGiveBack(connection);
    }

    /// <summary>Releases the connection; false if the exchange was ended, and the connection closed with it.</summary>
    public bool TryGiveBack(DynoConnection connection) =>
        Interlocked.CompareExchange(ref _connection, null, connection) == connection;

    /// <summary>Closes the exchange's connection: pending reads and writes fail.</summary>
    public void Disconnect() => Interlocked.Exchange(ref _connection, null)?.Dispose();

    /// <summary>A write now waits for the client; a write that begins after the verdict is aborted.</summary>
    public void BeginClientWrite()
    {
        Progress.BeginClientWrite();
        Interlocked.MemoryBarrier();
        if (Verdict is not null)
        {
            client.Abort();
        }
    }

    /// <summary>Ends the exchange for this reason, unless it has already ended.</summary>
    public void End(RouterError reason)
    {
        Verdict ??= reason;
        // Code that takes a connection or a token, or begins to write, from now on sees the verdict.
        Interlocked.MemoryBarrier();
        Cancel();
        Disconnect();
        if (Progress.WritesClient)
        {
            client.Abort();
        }
    }

    private void Cancel()
    {
        try
        {
            _cancellation?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The exchange has just ended by itself: nothing waits on its token any more.
        }
    }

    /// <summary>The reason to end the exchange at this timestamp; null for none.</summary>
    public RouterError? OverdueAt(long now) => Verdict is null ? Progress.OverdueAt(now) : null;

    public void Dispose() => _cancellation?.Dispose();
}
