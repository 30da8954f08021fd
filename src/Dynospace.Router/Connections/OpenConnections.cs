using System.Collections.Concurrent;
using System.Net;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Connections;

namespace Dynospace.Router.Connections;

/// <summary>
/// Ends connections whose client is trusted no longer. Each request is judged by the ranges of its moment anyway; this is for what lasts, such
/// as WebSockets and long responses.
/// </summary>
internal sealed class OpenConnections : IDisposable
{
    /// <summary>Time for a kept connection to be told by a page, and for short responses to end; with it a change is in force within two seconds.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(1500);

    private readonly ConcurrentDictionary<ConnectionContext, IPAddress> _open = new();
    private readonly IRoutingTable _table;
    private readonly ITimer _timer;
    private AddressRanges _ranges;

    public OpenConnections(IRoutingTable table, TimeProvider clock)
    {
        _table = table;
        _ranges = table.Current.TrustedRanges;
        _timer = clock.CreateTimer(_ => EndUntrusted(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        table.Changed += OnChanged;
    }

    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = ((IPEndPoint)connection.RemoteEndPoint!).Address;
        _open[connection] = address;
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    public void Dispose()
    {
        _table.Changed -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e)
    {
        if (!ReferenceEquals(Interlocked.Exchange(ref _ranges, _table.Current.TrustedRanges), _table.Current.TrustedRanges))
        {
            _timer.Change(Grace, Timeout.InfiniteTimeSpan);
        }
    }

    private void EndUntrusted()
    {
        var trusted = _table.Current.TrustedRanges;
        foreach (var (connection, _) in _open.Where(entry => !trusted.Contains(entry.Value)))
        {
            connection.Abort(new ConnectionAbortedException("The client's address is not trusted any longer."));
        }
    }
}
