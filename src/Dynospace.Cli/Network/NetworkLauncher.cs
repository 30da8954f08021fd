// Network: a dev cluster whose pods have a network: its node agents and routers, each in a network namespace.

using DevCluster.Network;
using DevCluster.Network.Kernel;
using DevCluster.Simulator;
using Dynospace.Api;
using Dynospace.Cli.Dev;
using Dynospace.Cli.Display;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Network;

/// <summary>The cluster of <c>dynospace dev --network</c>.</summary>
public sealed class NetworkLauncher(
    TimeProvider clock, string region, DevNetworkOptions options) : IDevClusterLauncher
{
    public async Task<IDevCluster> StartAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        if (NetworkCluster.Obstacle() is { } obstacle)
        {
            throw new CliException(
                $"--network cannot be used: {obstacle}. On Linux: sudo env \"PATH=$PATH\" dynospace dev --network. "
                + "Without --network nothing of this is needed.");
        }

        try
        {
            var controlPlane = DevClusterLauncher.ControlPlane(region) with
            {
                // Any node may have the fixed IPs of spaces.
                NodeLabels = new Dictionary<string, string> { [Labels.EgressGateway] = "true" },
            };
            var network = await DevNetwork.StartAsync(
                new DevClusterOptions { Name = "dynospace-dev", Port = port, ControlPlane = controlPlane },
                options, clock, loggers, cancellationToken);
            return new NetworkDevCluster(network);
        }
        catch (NetworkException e)
        {
            throw new CliException($"the network cannot be made: {e.Message}.", e);
        }
        catch (IOException e)
        {
            throw DevClusterLauncher.PortTaken(port, e);
        }
    }

    private sealed class NetworkDevCluster(DevNetwork network) : IDevCluster
    {
        public Uri Address => network.Cluster.Server.Address;

        public string Kubeconfig => network.Cluster.Server.Kubeconfig();

        public string Nature => DevTexts.Networked;

        public IDevRouters CreateRouters(DevRouterSetup setup, IApiTransport transport, Action changed) =>
            new NetworkRouters(network, setup, transport, changed);

        public ValueTask DisposeAsync() => network.DisposeAsync();
    }
}
