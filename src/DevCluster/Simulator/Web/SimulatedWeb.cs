// Web: answers web requests on behalf of simulated pods.

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DevCluster.ApiServer.Http;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.Web;

/// <summary>
/// Stands in for the web processes of simulated pods: one server on loopback for all of them. A connection belongs to
/// the pod for which it was opened. A pod that does not run refuses connections, and when a pod stops its connections
/// close.
/// </summary>
public sealed class SimulatedWeb : IAsyncDisposable
{
    private readonly IResourceRegistry _registry;
    private readonly PodLookup _pods;
    private readonly IReadOnlyList<string> _shownLabels;
    private readonly ConcurrentDictionary<int, IPEndPoint> _expected = new();
    private readonly ConcurrentDictionary<ConnectionContext, SimulatedConnection> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly WebApplication _host;
    private Task _following = Task.CompletedTask;

    private SimulatedWeb(IResourceRegistry registry, IReadOnlyList<string> shownLabels, ILoggerFactory loggers)
    {
        _shownLabels = shownLabels;
        _registry = registry;
        _pods = new PodLookup(registry);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedHostLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => ConnectedAsync(connection, next));
            });
        });
        _host = builder.Build();
        _host.Run(AnswerAsync);
    }

    /// <summary>Starts the server on a free port.</summary>
    /// <param name="shownLabels">The pod labels that a page shows.</param>
    public static async Task<SimulatedWeb> StartAsync(
        IResourceRegistry registry,
        IReadOnlyList<string> shownLabels,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var web = new SimulatedWeb(registry, shownLabels, loggers);
        await web._host.StartAsync(cancellationToken);
        web._following = web.FollowPodsAsync();
        return web;
    }

    /// <summary>Opens a connection to the simulated process at a pod's address.</summary>
    /// <exception cref="SocketException">No running pod listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(IPEndPoint pod, CancellationToken cancellationToken)
    {
        if (_pods.FindListening(pod) is null)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // The client port is known before the server sees the connection, so that it can always attribute it to a
            // pod.
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _expected[((IPEndPoint)socket.LocalEndPoint!).Port] = pod;
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
        await _stop.CancelAsync();
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.StopAsync(_stop.Token);
        await _host.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ConnectedAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!_expected.TryRemove(((IPEndPoint)connection.RemoteEndPoint!).Port, out var pod))
        {
            // Another program on this machine is probing for listeners.
            connection.Abort();
            return;
        }

        var known = new SimulatedConnection(
            pod, connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>());
        connection.Features.Set(known);
        _connections[connection] = known;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>Closes the connections of processes that have ended.</summary>
    private async Task FollowPodsAsync()
    {
        await foreach (var change in _registry.Subscribe(_stop.Token).ReadAllAsync(_stop.Token))
        {
            if (change.Object.Resource == KnownResources.Pods && !_connections.IsEmpty)
            {
                foreach (var connection in _connections.Values.Where(
                    connection => _pods.FindListening(connection.Pod) is null))
                {
                    connection.Close();
                }
            }
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var connection = context.Features.GetRequiredFeature<SimulatedConnection>();
        if (connection.Take())
        {
            context.Response.Headers.Connection = "close";
        }

        var page = SimulatedPage.Render(_pods.FindLast(connection.Pod), _shownLabels, context.Request);
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = page.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(page, context.RequestAborted);
        }
    }
}
