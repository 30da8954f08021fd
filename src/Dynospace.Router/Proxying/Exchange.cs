using Dynospace.Router.Routing;
using Dynospace.Router.Wire;
using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>
/// One request on its way to a dyno and back, as something that can be ended from outside: by the idle watch, by the
/// drain, by the client that leaves. The first one gives the verdict; what is thrown on the request path after
/// that is its consequence.
/// </summary>
internal sealed class Exchange(HttpContext client, RouterSettings settings, TimeProvider clock) : IDisposable
{
    private CancellationTokenSource? _cancellation;
    private DynoConnection? _connection;

    /// <summary>Where the idle watch keeps it.</summary>
    public int WatchIndex { get; set; } = -1;

    public ExchangeProgress Progress { get; } = new(clock, settings.FirstByteTimeout, settings.IdleTimeout);

    /// <summary>The first verdict on the exchange; null while it goes on.</summary>
    public RouterError? Verdict { get; private set; }

    /// <summary>How long connecting to the dyno took; zero on a kept connection.</summary>
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

    /// <summary>Takes a connection for the exchange's own; false when the exchange is over already.</summary>
    public bool TryTake(DynoConnection connection)
    {
        connection.BeginRequest();
        ConnectTime = connection.ConnectTime;
        Progress.Begin();
        Interlocked.Exchange(ref _connection, connection);
        return Verdict is null || !TryGiveBack(connection);
    }

    /// <summary>
    /// Whether the connection is still the exchange's; if not, it was ended, and the connection with it.
    /// </summary>
    public bool TryGiveBack(DynoConnection connection) =>
        Interlocked.CompareExchange(ref _connection, null, connection) == connection;

    /// <summary>Ends the exchange's connection: reads and writes under way fail.</summary>
    public void Disconnect() => Interlocked.Exchange(ref _connection, null)?.Dispose();

    /// <summary>A write to the client waits for it; one that begins after the verdict is cut off.</summary>
    public void BeginClientWrite()
    {
        Progress.BeginClientWrite();
        Interlocked.MemoryBarrier();
        if (Verdict is not null)
        {
            client.Abort();
        }
    }

    /// <summary>Ends the exchange for this reason, unless another came first.</summary>
    public void End(RouterError reason)
    {
        Verdict ??= reason;
        // The code that takes a connection or a token, or begins to write, from now on sees the verdict.
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
            // The exchange ended by itself at this moment: nobody waits on its token any more.
        }
    }

    /// <summary>The reason to end at this timestamp, if there is one.</summary>
    public RouterError? OverdueAt(long now) => Verdict is null ? Progress.OverdueAt(now) : null;

    public void Dispose() => _cancellation?.Dispose();
}
