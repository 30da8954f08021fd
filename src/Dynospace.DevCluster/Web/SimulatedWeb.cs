using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Dynospace.DevCluster.Http;
using Dynospace.DevCluster.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dynospace.DevCluster.Web;

/// <summary>
/// Stands in for the web processes that simulated pods do not run: one server on loopback for all of them. A connection belongs to the pod
/// that it was opened for; a pod that does not run refuses it, and one that has stopped since answers no more.
/// </summary>
public sealed class SimulatedWeb : IAsyncDisposable
{
    private readonly PodLookup _pods;
    private readonly ConcurrentDictionary<int, IPEndPoint> _connections = new();
    private readonly WebApplication _host;

    private SimulatedWeb(IResourceRegistry registry, ILoggerFactory loggers)
    {
        _pods = new PodLookup(registry);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedHostLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _host = builder.Build();
        _host.Run(AnswerAsync);
    }

    /// <summary>Starts the server; it takes any free port, which nobody needs to know.</summary>
    public static async Task<SimulatedWeb> StartAsync(DevClusterServer cluster, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var web = new SimulatedWeb(cluster.Registry, loggers);
        await web._host.StartAsync(cancellationToken);
        return web;
    }

    /// <summary>Opens a connection to the process that would listen at a pod's address.</summary>
    /// <exception cref="SocketException">No pod that runs listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(IPEndPoint pod, CancellationToken cancellationToken)
    {
        if (_pods.FindListening(pod) is null)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The port is known before the server can see the connection, so that it always knows whose it is.
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _connections[((IPEndPoint)socket.LocalEndPoint!).Port] = pod;
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, HttpsHost.PortOf(_host)), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _host.StopAsync(now.Token);
        await _host.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!_connections.TryGetValue(context.Connection.RemotePort, out var address) || _pods.FindListening(address) is not { } pod)
        {
            // The process is gone, and its connections with it.
            context.Abort();
            return;
        }

        var page = SimulatedPage.Of(pod, context.Request);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(page, context.RequestAborted);
        }
    }
}
