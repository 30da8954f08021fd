using System.Net.Sockets;
using DevCluster.Simulator;
using DevCluster.Simulator.Web;
using Dynospace.Router.Routing;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The embedded API server.</summary>
internal sealed class DevClusterLauncher(TimeProvider clock) : IDevClusterLauncher
{
    public async Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            var server = await DevClusterServer.StartAsync(new DevClusterOptions { Port = port }, clock, loggers, cancellationToken);
            return new EmbeddedCluster(server, await SimulatedWeb.StartAsync(server.Registry, loggers, cancellationToken));
        }
        catch (SocketException e)
        {
            throw new CliException($"port {port} of 127.0.0.1 cannot be opened: {e.Message}. Choose another with --port N (0 for any).", e);
        }
        catch (IOException e)
        {
            throw new CliException($"port {port} of 127.0.0.1 is taken: stop what listens there, or choose another with --port N (0 for any).", e);
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
