using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Dynos;
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

    /// <param name="leadership">Null for a process that is alone.</param>
    /// <param name="serviceRanges">The cluster's Service CIDRs as far as they are known.</param>
    /// <param name="instance">This process, in events.</param>
    public DynospaceControllers(
        IApiTransport transport,
        PlatformOptions options,
        IReadOnlyList<string> serviceRanges,
        ILeadership? leadership,
        string instance,
        TimeProvider clock,
        ILoggerFactory loggers)
    {
        var caches = new ClusterCaches(transport, options, clock, loggers);
        _spaces = caches.Spaces.Store;
        var applier = new Applier(transport, ApplierOptions(), loggers.CreateLogger<Applier>());
        _events = new EventRecorder(
            transport, new EventRecorderOptions { Component = DynospaceGroup.FieldManager, Instance = instance }, clock, loggers.CreateLogger<EventRecorder>());
        var statusWriter = new StatusWriter(applier, _events);

        var cluster = new ClusterObserver(caches, options, serviceRanges);
        var routerObserver = new RouterObserver(caches, options);
        var routerChildren = new RouterChildren(caches, routerObserver, applier, transport, options);
        var sharedRouter = new SharedRouterReconciler(caches, cluster, routerObserver, routerChildren, options);
        var spaceChildren = new SpaceChildren(caches, applier, _events);
        var spaces = new SpaceReconciler(
            new SpaceObserver(caches, cluster, routerObserver),
            spaceChildren,
            new SpaceDeletion(caches, spaceChildren, applier, transport),
            new IsolationTrials(applier, transport, options, clock),
            routerChildren,
            sharedRouter,
            applier,
            statusWriter,
            options,
            clock);

        var appObserver = new AppObserver(caches, options);
        var apps = new AppReconciler(
            appObserver, new AppChildren(caches, appObserver, applier), new AppRoutes(caches, applier), transport, statusWriter, _events, options, clock);
        var dynos = new DynoReconciler(new DynoObserver(caches, appObserver), new DynoPods(applier, transport), transport, statusWriter, options, clock);

        var leftovers = Create("route-leftovers", new RouteLeftovers(applier, transport, options), workers: 1);
        leftovers.Enqueue(RouteLeftovers.Key);

        Host = new ControllerHost(
            caches.All,
            [
                leftovers,
                new SharedRouterTriggers(caches, options).Wire(Create("shared-router", sharedRouter, workers: 1)),
                new SpaceTriggers(caches, options).Wire(Create("space", spaces, workers: 2)),
                new AppTriggers(caches, options).Wire(Create("app", apps, workers: 4)),
                new DynoTriggers(caches, options).Wire(Create("dyno", dynos, workers: 8)),
            ],
            leadership,
            loggers.CreateLogger<ControllerHost>());

        Controller Create(string name, IReconciler reconciler, int workers)
        {
            var controller = new Controller(name, reconciler, new ControllerOptions { Workers = workers }, clock, loggers.CreateLogger<Controller>());
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
        using var metrics = new IsolationMetrics(_spaces);
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
