using System.Net.Sockets;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Web;
using Dynospace.Api;
using Dynospace.Cli.Terminal;
using Dynospace.Router.Routing;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The embedded API server.</summary>
/// <param name="region">Of its one node.</param>
internal sealed class DevClusterLauncher(TimeProvider clock, string region) : IDevClusterLauncher
{
    private static readonly string[] PageLabels = [Labels.Space, Labels.App, Labels.Dyno, Labels.Release];

    /// <summary>
    /// Nodes tell the operator that no packet flows. <c>dev.dynospace.dev/simulate</c> is the annotation of 0.1.0.
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
            var server =
                await DevClusterServer.StartAsync(
                    new DevClusterOptions { Name = "dynospace-dev", Port = port, ControlPlane = ControlPlane(region) },
                    clock,
                    loggers,
                    cancellationToken);
            return new EmbeddedCluster(
                server, await SimulatedWeb.StartAsync(server.Registry, PageLabels, loggers, cancellationToken));
        }
        catch (SocketException e)
        {
            throw new CliException(
                $"port {port} of 127.0.0.1 cannot be opened: {e.Message}. Choose another with --port N (0 for any).",
                e);
        }
        catch (IOException e)
        {
            throw new CliException(
                $"port {port} of 127.0.0.1 is taken: stop what listens there, or choose another with --port N (0 for "
                + $"any).",
                e);
        }
    }

    private sealed class EmbeddedCluster(DevClusterServer server, SimulatedWeb web) : IDevCluster
    {
        public Uri Address => server.Address;

        public string Kubeconfig => server.Kubeconfig();

        public IDynoConnector Dynos { get; } = new SimulatedDynos(web);

        public async ValueTask DisposeAsync()
        {
            await web.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}

/// <summary>Starts the API server of <c>dynospace dev</c>; tests put another in its place.</summary>
internal interface IDevClusterLauncher
{
    /// <summary>Starts it; 0 takes any free port.</summary>
    /// <exception cref="CliException">The port is taken.</exception>
    Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken);
}

/// <summary>A Kubernetes API server that runs until it is disposed.</summary>
internal interface IDevCluster : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    Uri Address { get; }

    /// <summary>The kubeconfig of an administrator, with everything in it.</summary>
    string Kubeconfig { get; }

    /// <summary>How its routers reach its dynos.</summary>
    IDynoConnector Dynos { get; }
}

/// <summary>Reaches the stand-ins of simulated web dynos, whose addresses exist on no network.</summary>
internal sealed class SimulatedDynos(SimulatedWeb web) : IDynoConnector
{
    public ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken) =>
        web.ConnectAsync(dyno.Address, cancellationToken);
}
