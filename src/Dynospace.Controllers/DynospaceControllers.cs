// Dynospace.Controllers: puts the controllers together: which kinds they watch, what wakes them and what they share.

using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Dynos;
using Dynospace.Controllers.Egress;
using Dynospace.Controllers.Hosts;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routers;
using Dynospace.Controllers.Routes;
using Dynospace.Controllers.Spaces;
using Dynospace.Planning.Options;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using Dynospace.Runtime.Leadership;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Controllers;

/// <summary>Puts the controllers together over one set of caches.</summary>
public sealed class DynospaceControllers
{
    private readonly EventRecorder _events;
    private readonly IStore<Space> _spaces;
    private readonly IStore<EgressGateway> _gateways;
    private readonly ClusterObserver _cluster;

    /// <param name="leadership">Null for a process that is alone.</param>
    /// <param name="instance">This process, in events.</param>
    public DynospaceControllers(
        IApiTransport transport,
        PlatformOptions options,
        ILeadership? leadership,
        string instance,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        var caches = new ClusterCaches(transport, options, clock, loggers);
        (_spaces, _gateways) = (caches.Spaces.Store, caches.Egress.Gateways.Store);
        var applier = new Applier(transport, ApplierOptions(), loggers.CreateLogger<Applier>(), clock);
        _events = new EventRecorder(
            transport,
            new EventRecorderOptions { Component = DynospaceGroup.FieldManager, Instance = instance },
            clock,
            loggers.CreateLogger<EventRecorder>());
        var statusWriter = new StatusWriter(applier, _events);

        var children = new ChildApplier(caches, applier);
        var components = new ComponentApplier(caches, children, transport, options);
        var cluster = _cluster = new ClusterObserver(caches, options);
        var routers = new RouterObserver(caches, options);
        var callers = new CallerReconciler(
            caches, cluster.Observe, children, _events, options, clock, isAlone: leadership is null);
        var egressObserver = new EgressObserver(caches, cluster, options);
        var grants = new EgressGrants(caches, egressObserver, transport, options, clock);
        var egress = new EgressReconciler(
            caches, egressObserver, grants, children, applier, _events, options, clock);
        var sharedRouter = new SharedRouterReconciler(caches, cluster, routers, components, _events, options, clock);
        var spaces = new SpaceReconciler(
            new SpaceObserver(
                caches, cluster, routers, new SpaceDnsObserver(caches, options), components, egressObserver, clock),
            new SpaceApplier(children, components, new NamespaceRelease(transport), applier, _events),
            applier,
            statusWriter,
            options,
            clock);

        var appObserver = new AppObserver(caches, cluster.Observe, options, clock, new SpecAges(clock));
        var hosts = new HostClaims(caches, ns => appObserver.SpaceOf(ns) is not null, transport, options, clock);
        var apps = new AppReconciler(
            appObserver,
            children,
            new AppRoutes(caches, children),
            hosts,
            new ScaleMirror(transport),
            transport,
            statusWriter,
            _events,
            options,
            clock);
        var dynos = new DynoReconciler(
            new DynoObserver(caches, appObserver),
            children,
            new LabelRestorer(transport, _events, clock),
            transport,
            statusWriter,
            options,
            clock);

        var leftovers = Create("route-leftovers", new RouteLeftovers(applier, transport, options), workers: 1);
        leftovers.Enqueue(RouteLeftovers.Key);

        var egressLeftovers = Create(
            "egress-leftovers", new EgressLeftovers(applier, transport, options), workers: 1);
        egressLeftovers.Enqueue(EgressLeftovers.Key);

        Host = new ControllerHost(
            caches.All,
            [
                leftovers,
                egressLeftovers,
                SharedRouterTriggers.Wire(Create("shared-router", sharedRouter, workers: 1), caches, options),
                CallerTriggers.Wire(Create("router-callers", callers, workers: 1), caches, cluster, options),
                EgressTriggers.Wire(Create("egress", egress, workers: 1), caches, cluster, grants),
                SpaceTriggers.Wire(Create("space", spaces, workers: 2), caches, cluster, options),
                AppTriggers.Wire(Create("app", apps, workers: 4), caches, hosts, cluster, options),
                DynoTriggers.Wire(Create("dyno", dynos, workers: 8), caches, options),
                StoppedNames.Wire(
                    Create("stopped-names", new StoppedNames(caches, transport, options), workers: 2), caches),
            ],
            leadership,
            loggers.CreateLogger<ControllerHost>());

        Controller Create(string name, IReconciler reconciler, int workers)
        {
            var controller = new Controller(
                name,
                reconciler,
                new ControllerOptions { Workers = workers },
                clock,
                loggers.CreateLogger<Controller>());
            foreach (var informer in caches.All)
            {
                controller.Needs(informer);
            }

            return controller;
        }
    }

    /// <summary>The informers and controllers.</summary>
    public ControllerHost Host { get; }

    /// <summary>Runs until cancelled; a failure that a restart may mend is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var egressMetrics = new EgressMetrics(_spaces, _gateways);
        using var metrics = new IsolationMetrics(_spaces, () => _cluster.Observe().Unusable.Count);
        var events = _events.RunAsync(stop.Token);
        try
        {
            await Host.RunAsync(stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await events.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static ApplierOptions ApplierOptions() => new()
    {
        FieldManager = DynospaceGroup.FieldManager,
        HashAnnotation = Annotations.Applied,
        OwnerUidLabel = Labels.OwnerUid,
    };
}
