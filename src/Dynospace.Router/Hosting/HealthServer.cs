using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Dynospace.Router.Hosting;

/// <summary>Answers the kubelet's probes and Prometheus, on a port of its own that no client reaches.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    /// <summary>A code that comes up once an hour must not begin at nothing each time, as after the exporter's five minutes.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly WebApplication _app;

    static HealthServer() => Prometheus.Metrics.ConfigureMeterAdapter(adapter => adapter.MetricsExpireAfter = Memory);

    private HealthServer(WebApplication app) => _app = app;

    /// <summary>The port that was taken.</summary>
    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<HealthServer> StartAsync(int port, Func<bool> isReady, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port));
        var app = builder.Build();
        app.MapGet("/healthz", () => Results.Text("ok"));
        app.MapGet("/readyz", () => isReady()
            ? Results.Text("ok")
            : Results.Text("routes are not known yet, or the router is about to end", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapMetrics();
        // The exporter listens from its first collection on; what was counted before would be lost.
        await Prometheus.Metrics.DefaultRegistry.CollectAndExportAsTextAsync(Stream.Null, cancellationToken);
        await app.StartAsync(cancellationToken);
        return new HealthServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
