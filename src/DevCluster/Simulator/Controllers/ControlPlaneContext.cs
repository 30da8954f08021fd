using DevCluster.ApiServer.Registry;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.Controllers;

/// <summary>What every controller works with.</summary>
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

    public EventRecorder EventsOf(string component, string? host = null) => new(this, component, host);
}
