// ControlPlane: starts the controllers and runs them in one loop over the changes of the cluster.

using DevCluster.ApiServer.Registry;
using DevCluster.Simulator.Controllers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevCluster.Simulator.ControlPlane;

/// <summary>
/// The controllers, the scheduler and the nodes of the dev cluster, in one loop over the registry's changes. There is
/// no polling and no locking, and every decision sees one consistent state.
/// </summary>
/// <remarks>
/// See <see cref="Nodes.SimulatedBehavior"/> for how a pod requests a crash, an exit or permanent unreadiness.
/// </remarks>
public sealed class SimulatedControlPlane(
    IResourceRegistry registry,
    ControlPlaneOptions options,
    TimeProvider clock,
    ILogger<SimulatedControlPlane>? logger = null)
{
    /// <summary>
    /// Creates the bootstrap objects and lets the first controllers run before it first yields, so that the cluster is
    /// complete when the call returns its task. It then runs until cancelled.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var loop = new ControlLoop(
            registry, options, clock, logger ?? NullLogger<SimulatedControlPlane>.Instance, cancellationToken);
        try
        {
            do
            {
                while (loop.Turn() && !cancellationToken.IsCancellationRequested)
                {
                }
            }
            while (!cancellationToken.IsCancellationRequested && await loop.WaitAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is the normal end.
        }
    }
}
