// Hosting: the router as a program: options, parts, threads and warm-up.

using System.Net;
using Dynospace.Hosting;
using Dynospace.Router.Cluster;
using Dynospace.Router.Frontend;
using Dynospace.Router.Lines;
using Dynospace.Router.Logging;
using Dynospace.Router.Routing;
using Dynospace.Router.Tls;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Hosting;

/// <summary>Runs a router in this process.</summary>
public sealed class RouterHost : IAsyncDisposable
{
    private const string NotReady = "routes are not known yet, or the router is about to end";

    private readonly RouterProcessOptions _options;
    private readonly Kubernetes _client;
    private readonly ClusterWatch _watch;
    private readonly RouterEdge _edge;
    private readonly RouterServer _server;
    private readonly RecentLines? _recent;
    private readonly LineAccess _access;
    private readonly LinePeers _peers;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="log">Receives the request log lines; it is not closed.</param>
    public RouterHost(
        RouterProcessOptions options, IDynoConnector connector, Stream log, TimeProvider clock, ILoggerFactory loggers)
    {
        (_options, _clock, _loggers) = (options, clock, loggers);
        var table = new RoutingTable();
        var certificates = new CertificateTable(
            SelfSignedCertificate.Create(options.BaseDomain, options.Scope.Space, clock.GetUtcNow()));
        _client = ApiClient.Create(options.Client);
        _watch = new ClusterWatch(
            new ApiTransport(_client, new ApiTransportOptions { UserAgent = "dynospace-router" }, clock),
            new ClusterWatchOptions(
                options.Scope, options.Port, options.DefaultCertificate, options.SystemNamespace),
            table, certificates, clock, loggers);
        _edge = new RouterEdge(table, certificates, AddressRanges.Parse(options.ProxyProtocolFrom), clock, loggers);
        _recent = options.LinesPort is null ? null : new RecentLines(clock);
        _access = new LineAccess(_client);
        _peers = new LinePeers(_client, options.LinesService, options.LinesPort ?? 0, clock);
        _server = new RouterServer(
            ServerOptions(options, _edge) with { Recent = _recent }, table, connector, log, clock, loggers);
    }

    /// <summary>Where plain HTTP is served, with the bound port; null before that.</summary>
    public IPEndPoint? Http => HasBegun ? _server.Http : null;

    /// <summary>Where HTTPS is served, with the bound port; null before that.</summary>
    public IPEndPoint? Https => HasBegun ? _server.Https : null;

    /// <summary>The port of health and metrics; null before it is bound, or if there is none.</summary>
    public int? HealthPort { get; private set; }

    /// <summary>The port at which lines of requests are read; null before it is bound, or if there is none.</summary>
    public int? LinesPort { get; private set; }

    /// <summary>Completes when routes are known and requests are served.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Whether requests are served: false until routes are known, and again while draining.</summary>
    public bool IsReady => _server.IsReady;

    private bool HasBegun => _ready.Task.IsCompletedSuccessfully;

    /// <summary>Serves until cancelled, then drains. Throws on failures that a restart may fix.</summary>
    /// <exception cref="IOException">A port is taken.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        await using var health = _options.HealthPort is { } port
            ? await HealthEndpoint.StartAsync(port, () => IsReady ? null : NotReady, cancellationToken)
            : null;
        HealthPort = health?.Port;
        await using var lines = await StartLinesAsync(stop.Token);
        LinesPort = lines?.Port;
        var watching = _watch.RunAsync(stop.Token);
        var warming = _options.WarmsUp ? WarmUp.RunAsync(_clock, _loggers, stop.Token) : Task.CompletedTask;
        try
        {
            // Nothing is served before it is known who may request what.
            await Task.WhenAny(watching, _watch.Filled).Unwrap().WaitAsync(cancellationToken);
            await warming.WaitAsync(cancellationToken);
            await _server.StartAsync(cancellationToken);
            _ready.TrySetResult();
            await watching.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Routes are still updated while requests in flight end.
            if (IsReady)
            {
                await _server.DrainAsync(CancellationToken.None);
            }
        }
        finally
        {
            _ready.TrySetCanceled(CancellationToken.None);
            await stop.CancelAsync();
            await warming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _edge.Dispose();
        _peers.Dispose();
        _access.Dispose();
        _client.Dispose();
    }

    private async Task<LinesEndpoint?> StartLinesAsync(CancellationToken stopping)
    {
        if (_recent is null)
        {
            return null;
        }

        var certificate = SelfSignedCertificate.Create(_options.BaseDomain, _options.Scope.Space, _clock.GetUtcNow());
        return await LinesEndpoint.StartAsync(
            new IPEndPoint(_options.Address, _options.LinesPort!.Value), certificate.Leaf, _recent,
            _access, _peers, _clock, _loggers, stopping);
    }

    private static RouterServerOptions ServerOptions(RouterProcessOptions options, RouterEdge edge) => new()
    {
        Http = new IPEndPoint(options.Address, options.HttpPort),
        Https = new IPEndPoint(options.Address, options.HttpsPort),
        PublicHttpPort = options.PublicHttpPort,
        PublicHttpsPort = options.PublicHttpsPort,
        ConfigureHttp = edge.ConfigureHttp,
        ConfigureHttps = edge.ConfigureHttps,
        DrainLead = options.DrainLead,
        DrainTimeout = options.Drain,
    };
}
