using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Dynospace.Router.Hosting;

/// <summary>Answers the kubelet's probes and Prometheus, on a port of its own that no client reaches.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HealthServer(WebApplication app) => _app = app;

    public int Port => new Uri(_app.Urls.First().Replace("[::]", "localhost", StringComparison.Ordinal)).Port;

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
        await app.StartAsync(cancellationToken);
        return new HealthServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
