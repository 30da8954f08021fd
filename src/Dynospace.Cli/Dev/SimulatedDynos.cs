using DevCluster.Simulator.Web;
using Dynospace.Router.Routing;

namespace Dynospace.Cli.Dev;

/// <summary>Reaches the stand-ins of simulated web dynos, whose addresses exist on no network.</summary>
internal sealed class SimulatedDynos(SimulatedWeb web) : IDynoConnector
{
    public ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken) => web.ConnectAsync(dyno.Address, cancellationToken);
}
