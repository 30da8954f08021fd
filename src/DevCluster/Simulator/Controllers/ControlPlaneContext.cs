// Controllers: shared by all controllers: view and writer of the cluster, timers, events, indexes.

using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.Controllers;

/// <summary>The dependencies of every controller: the view of the cluster, the writer, clock and timers.</summary>
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

/// <summary>A controller of the control plane. Calls come from one thread at a time.</summary>
internal interface IController
{
    /// <summary>Records the work that a change makes due. The view already contains the change.</summary>
    void Observe(ObjectChange change);

    /// <summary>Does the due work; false if there was none.</summary>
    bool Work();
}
