using System.Threading.Channels;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Simulator.Collection;
using DevCluster.Simulator.Controllers;
using DevCluster.Simulator.Networking;
using DevCluster.Simulator.Nodes;
using DevCluster.Simulator.Scheduling;
using DevCluster.Simulator.Workloads;
using Microsoft.Extensions.Logging;

namespace DevCluster.Simulator.ControlPlane;

/// <summary>The loop of the control plane: read changes, do due work, wait. It runs on one thread at a time.</summary>
internal sealed class ControlLoop : IDisposable
{
    private readonly ControlPlaneContext _cluster;
    private readonly IController[] _controllers;
    private readonly ChannelReader<ObjectChange> _changes;
    private Task<bool>? _changed;
    private Task? _due;

    public ControlLoop(
        IResourceRegistry registry,
        ControlPlaneOptions options,
        TimeProvider clock,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        _cluster = new ControlPlaneContext(registry, options, clock, new ClusterView(), new Timers(clock), logger);
        _controllers = Controllers(_cluster);

        // Subscribe before listing, so that no change is missed; a duplicate is harmless.
        _changes = registry.Subscribe(cancellationToken);
        foreach (var change in ExistingObjects.In(registry))
        {
            Take(change);
        }

        Bootstrap.Run(_cluster);
    }

    /// <summary>Reads all changes and does all due work; false if there was none.</summary>
    public bool Turn()
    {
        while (_changes.TryRead(out var change))
        {
            Take(change);
        }

        return _cluster.Timers.RunDue() | WorkAll();
    }

    /// <summary>Completes when there may be work; false when the stream of changes ends.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        // A pending wait is reused: a second one would consume the next signal.
        _changed = _changed is { IsCompleted: false } ? _changed : _changes.WaitToReadAsync(cancellationToken).AsTask();
        _due = _due is { IsCompleted: false } ? _due : _cluster.Timers.WaitAsync(cancellationToken);
        _cluster.Timers.Arm();
        return await Task.WhenAny(_changed, _due) != _changed || await _changed;
    }

    public void Dispose() => _cluster.Timers.Dispose();

    // Ordered by urgency: work that depends on many pods runs after the pod work, and so once for many pods.
    private static IController[] Controllers(ControlPlaneContext cluster) =>
    [
        new NamespaceContents(cluster),
        new Scheduler(cluster),
        new SimulatedKubelet(cluster),
        new NodeLifecycle(cluster),
        new JobController(cluster),
        new ReplicaSetController(cluster),
        new StatefulSetController(cluster),
        new DaemonSetController(cluster),
        new DeploymentController(cluster),
        new DisruptionController(cluster),
        new GarbageCollector(cluster),
        new EndpointSliceController(cluster),
        new LoadBalancerController(cluster),
        new NamespaceDeletion(cluster),
        new ResourceQuotaController(cluster),
        new EventExpiry(cluster),
    ];

    private void Take(ObjectChange change)
    {
        _cluster.View.Apply(change);
        foreach (var controller in _controllers)
        {
            controller.Observe(change);
        }
    }

    private bool WorkAll()
    {
        var any = false;
        foreach (var controller in _controllers)
        {
            try
            {
                any |= controller.Work();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // A failing controller must not stop the cluster. The keys of this pass are lost until their next
                // change.
                _cluster.Logger.LogError(failure, "{Controller} failed", controller.GetType().Name);
                any = true;
            }
        }

        return any;
    }
}
