using System.Net.Sockets;
using Dynospace.DevCluster;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The embedded API server of Dynospace.DevCluster.</summary>
internal sealed class DevClusterLauncher(TimeProvider clock) : IDevClusterLauncher
{
    public async Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            return new EmbeddedCluster(await DevClusterServer.StartAsync(new DevClusterOptions { Port = port }, clock, loggers, cancellationToken));
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

    private sealed class EmbeddedCluster(DevClusterServer server) : IDevCluster
    {
        public Uri Address => server.Address;

        public string Kubeconfig => server.Kubeconfig();

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
