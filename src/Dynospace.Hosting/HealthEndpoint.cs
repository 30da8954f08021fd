using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Dynospace.Hosting;

/// <summary>Answers the kubelet's probes and Prometheus, on a port of its own that no client reaches.</summary>
public sealed class HealthEndpoint : IAsyncDisposable
{
    /// <summary>
    /// The exporter forgets after five minutes: a count that grows once an hour would begin at zero each time.
    /// </summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    private readonly WebApplication _app;

    static HealthEndpoint() => Metrics.ConfigureMeterAdapter(adapter => adapter.MetricsExpireAfter = Memory);

    private HealthEndpoint(WebApplication app) => _app = app;

    /// <summary>The port that is bound.</summary>
    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Serves <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="notReady">Why the process is not ready; null when it is.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HealthEndpoint> StartAsync(
        int port, Func<string?> notReady, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port));
        var app = builder.Build();
        app.MapGet("/healthz", () => Results.Text("ok"));
        app.MapGet("/readyz", () => notReady() is { } reason
            ? Results.Text(reason, statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ok"));
        app.MapMetrics();
        // The exporter listens from its first collection on; earlier counts would be lost.
        await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(Stream.Null, cancellationToken);
        await app.StartAsync(cancellationToken);
        return new HealthEndpoint(app);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
