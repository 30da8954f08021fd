// Frontend: everything before the request path: Kestrel, the PROXY protocol, limits, and requests that Kestrel refuses.

using System.Diagnostics;
using System.Net;
using Dynospace.Router.Dynos;
using Dynospace.Router.Logging;
using Dynospace.Router.Metrics;
using Dynospace.Router.Proxying;
using Dynospace.Router.Routing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Frontend;

/// <summary>
/// Serves the request path on its ports. Routes come from the table, into which the cluster watch publishes them.
/// </summary>
public sealed class RouterServer : IAsyncDisposable
{
    private static readonly TimeSpan AbortGrace = TimeSpan.FromSeconds(5);

    private readonly RouterServerOptions _options;
    private readonly TimeProvider _clock;
    private readonly RouterDrain _drain = new();
    private readonly DynoPools _pools;
    private readonly RouteUpdates _updates;
    private readonly IdleWatch _watch;
    private readonly LogOutput _log;
    private readonly Http2Observer _http2;
    private readonly KestrelListeners _listeners;
    private readonly WebApplication _host;
    private readonly IServer _server;
    private readonly RouterApplication _application;
    private readonly IDisposable _badRequests;
    private bool _isStopped;

    /// <param name="log">Receives the request log lines; it is not closed.</param>
    public RouterServer(
        RouterServerOptions options, IRoutingTable table, IDynoConnector connector,
        Stream log, TimeProvider clock, ILoggerFactory loggers)
    {
        _options = options;
        _clock = clock;
        Metrics = new(options.IsMeasured);
        _log = new(log, "requests");
        _pools = new(table, connector, Metrics, clock);
        _updates = new(table, clock);
        _watch = new(clock);
        var ledger = new RequestLedger(_log, Metrics, table, options.Recent);
        _http2 = new(ledger, loggers);
        _listeners = new(options, _http2);
        _host = _listeners.Build(clock);
        _server = _host.Services.GetRequiredService<IServer>();
        _application = new(new RequestPath(
            new Admission(
                table, new(options.MaxRequestsInFlight, options.PublicHttpPort, options.PublicHttpsPort), clock),
            new DynoForwarder(table, _updates, _pools, new DynoExchange(_drain, clock), clock),
            _watch, ledger, clock, loggers.CreateLogger<RouterServer>()));
        _badRequests = _host.Services.GetRequiredService<DiagnosticListener>()
            .Subscribe(new BadRequestObserver(ledger), static name => name == BadRequestObserver.EventName);
    }

    public RouterMetrics Metrics { get; }

    /// <summary>Where plain HTTP is served, with the bound port.</summary>
    public IPEndPoint? Http => _listeners.Http?.IPEndPoint;

    /// <summary>Where HTTPS is served, with the bound port.</summary>
    public IPEndPoint? Https => _listeners.Https?.IPEndPoint;

    /// <summary>Whether it listens and is not draining.</summary>
    public bool IsReady { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(_application, cancellationToken);
        IsReady = true;
    }

    /// <summary>
    /// Ends without dropping a request: readiness is withdrawn first, while listening continues until load balancers
    /// have noticed. Then no connection is accepted, and requests in flight get their drain time. Those left after it
    /// are closed (H24).
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        IsReady = false;
        _drain.Begin();
        await Task.Delay(_options.DrainLead, _clock, cancellationToken);
        await StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        IsReady = false;
        if (!_isStopped)
        {
            _watch.EndAll(RouterErrors.ForcedClose);
            using var now = new CancellationTokenSource();
            now.CancelAfter(TimeSpan.FromSeconds(1));
            await _server.StopAsync(now.Token);
        }

        _badRequests.Dispose();
        await _host.DisposeAsync();
        _http2.Dispose();
        _watch.Dispose();
        _updates.Dispose();
        _pools.Dispose();
        await _log.DisposeAsync();
        Metrics.Dispose();
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        _isStopped = true;
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stopped = _server.StopAsync(abort.Token);
        try
        {
            await stopped.WaitAsync(_options.DrainTimeout, _clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _watch.EndAll(RouterErrors.ForcedClose);
            abort.CancelAfter(AbortGrace);
            await stopped;
        }
    }
}
