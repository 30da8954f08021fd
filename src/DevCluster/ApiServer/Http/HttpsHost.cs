using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevCluster.ApiServer.Http;

/// <summary>Kestrel on loopback with TLS, HTTP/1.1 and HTTP/2, without middleware before the handler.</summary>
internal static class HttpsHost
{
    private const int StreamsPerConnection = 1000;

    /// <exception cref="IOException">The port is in use; the message contains the remedy.</exception>
    public static async Task<WebApplication> StartAsync(
        int port,
        X509Certificate2 certificate,
        RequestDelegate handler,
        ILoggerFactory loggers,
        IReadOnlyList<Socket> listeners,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedHostLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(options => Configure(options, port, certificate, listeners));
        var host = builder.Build();
        host.Run(handler);
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException or SocketException)
        {
            await host.DisposeAsync();
            throw new IOException(
                $"port: {port} on 127.0.0.1 is taken by another program; end it or choose another port (0 takes any "
                + $"free one)",
                failure);
        }
    }

    public static int PortOf(WebApplication host) => new Uri(
        host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    private static void Configure(
        KestrelServerOptions options, int port, X509Certificate2 certificate, IReadOnlyList<Socket> listeners)
    {
        options.AddServerHeader = false;
        options.AllowSynchronousIO = false;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        options.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(certificate);
        });
        foreach (var listener in listeners)
        {
            options.ListenHandle((ulong)listener.Handle, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        }
    }
}

/// <summary>
/// Leaves Ctrl-C and SIGTERM to the program that embeds this server; the default lifetime would intercept them.
/// </summary>
internal sealed class EmbeddedHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
