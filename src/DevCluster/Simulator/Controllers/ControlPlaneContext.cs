// Controllers: what the controllers share: view and writer of the cluster, timers, events, indexes.

using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.Controllers;

/// <summary>What every controller needs: the view of the cluster, the writer, clock and timers.</summary>
internal sealed record ControlPlaneContext(
    IResourceRegistry Registry,
    ControlPlaneOptions Options,
    TimeProvider Clock,
    ClusterView View,
    Timers Timers,
    ILogger Logger)
{
    public DateTimeOffset Now => Clock.GetUtcNow();

    public ClusterWriter WriterFor(string component) => new(Registry, component, Logger);

    public EventWriter EventsOf(string component, string? host = null) => new(this, component, host);
}

/// <summary>One loop of the control plane. Called by one thread only.</summary>
internal interface IController
{
    /// <summary>Records what a change makes due; the view contains the change already.</summary>
    void Observe(ObjectChange change);

    /// <summary>Does what is due; false if nothing was.</summary>
    bool Work();
}
