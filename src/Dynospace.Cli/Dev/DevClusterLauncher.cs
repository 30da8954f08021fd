using System.Net;
using System.Net.Sockets;
using DevCluster.ApiServer.Pods;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Web;
using Dynospace.Api;
using Dynospace.Cli.Display;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The embedded API server.</summary>
/// <param name="region">Of its nodes.</param>
public sealed class DevClusterLauncher(TimeProvider clock, string region, int nodes = 1) : IDevClusterLauncher
{
    private static readonly string[] PageLabels = [Labels.Space, Labels.App, Labels.Dyno, Labels.Release];

    /// <summary>
    /// Labels on nodes show the operator that no packet flows. <c>dev.dynospace.dev/simulate</c> is the annotation of
    /// 0.1.0.
    /// </summary>
    public static ControlPlaneOptions ControlPlane(string region) => new()
    {
        Region = region,
        NodeLabels = new Dictionary<string, string> { [Labels.Simulated] = "true" },
        SimulationAnnotations = ["devcluster.dev/simulate", "dev.dynospace.dev/simulate"],
    };

    public async Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            var services = new RouterServices();
            var server =
                await DevClusterServer.StartAsync(
                    new DevClusterOptions
                    {
                        Name = "dynospace-dev",
                        Port = port,
                        Services = services,
                        ControlPlane = ControlPlane(region) with { Nodes = nodes },
                    },
                    clock,
                    loggers,
                    cancellationToken);
            return new EmbeddedCluster(
                server,
                services,
                await SimulatedWeb.StartAsync(server.Registry, PageLabels, loggers, cancellationToken));
        }
        catch (SocketException e)
        {
            throw new CliException(
                $"port {port} of 127.0.0.1 cannot be opened: {e.Message}. Choose another with --port N (0 for any).",
                e);
        }
        catch (IOException e)
        {
            throw PortTaken(port, e);
        }
    }

    public static CliException PortTaken(int port, IOException cause) => new(
        $"port {port} of 127.0.0.1 is taken: stop what listens there, or choose another with --port N (0 for any).",
        cause);

    private sealed class EmbeddedCluster(DevClusterServer server, RouterServices services, SimulatedWeb web)
        : IDevCluster
    {
        public Uri Address => server.Address;

        public string Kubeconfig => server.Kubeconfig();

        public IDevRouters CreateRouters(DevRouterSetup setup, IApiTransport transport, Action changed) =>
            services.Routers = new DevRouters(setup, new SimulatedDynos(web), transport, changed);

        public async ValueTask DisposeAsync()
        {
            await web.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}

/// <summary>Connects the API server's proxy with the routers of this process, for the lines of requests.</summary>
internal sealed class RouterServices : IServiceConnections
{
    /// <summary>Null before they are made.</summary>
    public DevRouters? Routers { get; set; }

    public async Task<Stream?> ConnectAsync(
        string ns, string service, string port, CancellationToken cancellationToken)
    {
        if (Routers?.LinesPortOf(new ObjectKey(ns, service)) is not { } found)
        {
            return null;
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, found, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
    }
}

/// <summary>Starts the API server of <c>dynospace dev</c>; tests replace it.</summary>
public interface IDevClusterLauncher
{
    /// <summary>Starts it; 0 takes any free port.</summary>
    /// <exception cref="CliException">The port is taken.</exception>
    Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken);
}

/// <summary>A Kubernetes API server that runs until it is disposed.</summary>
public interface IDevCluster : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    Uri Address { get; }

    /// <summary>The kubeconfig of an administrator, with everything in it.</summary>
    string Kubeconfig { get; }

    /// <summary>What it is, in a sentence for the person at the terminal.</summary>
    string Nature => DevTexts.Simulated;

    /// <summary>Runs the routers, or finds them where they run in pods.</summary>
    /// <param name="changed">Called when a router begins or ends to serve.</param>
    IDevRouters CreateRouters(DevRouterSetup setup, IApiTransport transport, Action changed);
}

/// <summary>Connects to the simulated web dynos, whose addresses exist on no network.</summary>
internal sealed class SimulatedDynos(SimulatedWeb web) : IDynoConnector
{
    public ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken) =>
        web.ConnectAsync(dyno.Address, cancellationToken);
}
