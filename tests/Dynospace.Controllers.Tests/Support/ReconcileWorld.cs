using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Dynos;
using Dynospace.Controllers.Hosts;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routers;
using Dynospace.Controllers.Routes;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Control;
using Dynospace.Runtime.Events;
using Dynospace.Testing.Applying;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynospace.Controllers.Tests.Support;

/// <summary>
/// One space on an API server in memory, and the reconcilers of Apps and Dynos over it. Each reconcile sees all that
/// was written before it.
/// </summary>
internal sealed class ReconcileWorld : IEventRecorder
{
    public const string Space = "acme";

    private readonly List<string> _events = [];
    private SpecAges? _ages;
    private LabelRestorer? _labels;

    public ReconcileWorld()
    {
        Api = new RecordingApplier(new ApplierOptions
        {
            FieldManager = DynospaceGroup.FieldManager,
            HashAnnotation = Annotations.Applied,
            OwnerUidLabel = Labels.OwnerUid,
        });
        PutSpace(Space);
    }

    /// <summary>The present, as reconcilers see it.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public RecordingApplier Api { get; }

    public PlatformOptions Options { get; init; } = new();

    /// <summary>Reasons of events in order.</summary>
    public IReadOnlyList<string> Events => _events;

    public static App App(string name = "shop", params (string Type, int Quantity)[] formation) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = Space, Uid = $"uid-{name}", Generation = 1 },
        Spec = new()
        {
            Image = "registry.example/shop:1",
            Processes =
            [
                .. formation.Select(process => new ProcessSpec { Type = process.Type, Quantity = process.Quantity }),
            ],
        },
    };

    public void PutSpace(string name, SpaceRuntime runtime = SpaceRuntime.Common)
    {
        Put(new V1Namespace
        {
            ApiVersion = "v1",
            Kind = "Namespace",
            Metadata = new() { Name = name, Labels = new Dictionary<string, string> { [Labels.Space] = name } },
        });
        Put(new Space
        {
            Metadata = new() { Name = name, Generation = 1 },
            Spec = new() { Runtime = runtime, Region = "oregon" },
            Status = new() { Conditions = [Condition(ConditionTypes.NetworkIsolated)] },
        });
    }

    public T Put<T>(T content)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        Api.Put(Kinds.For(content), JsonObjects.From(content));
        return content;
    }

    /// <summary>An object as it is stored now.</summary>
    public async Task<T> GetAsync<T>(string name)
        where T : class, IKubernetesObject<V1ObjectMeta> => JsonObjects.To<T>(
            await Api.Transport.GetAsync(
                ResourceKind.For<T>(), new ObjectKey(Space, name), TestContext.Current.CancellationToken));

    /// <param name="late">A change that the caches do not see.</param>
    public Task<ReconcileResult> ReconcileAppAsync(Action? late = null, string space = Space) => ReconcileAsync(
        new ObjectKey(space, "shop"),
        late,
        caches =>
        {
            var observer = new AppObserver(
                caches, () => ClusterFacts.Unknown, Options, Clock, _ages ??= new SpecAges(Clock));
            return new AppReconciler(
                observer,
                new ChildApplier(caches, Api.Applier),
                new AppRoutes(caches, new ChildApplier(caches, Api.Applier)),
                new HostClaims(caches, ns => observer.SpaceOf(ns) is not null, Api.Transport, Options, Clock),
                new ScaleMirror(Api.Transport),
                Api.Transport,
                new StatusWriter(Api.Applier, this),
                this,
                Options,
                Clock);
        });

    public Task<ReconcileResult> ReconcileDynoAsync(string name) =>
        ReconcileAsync(new ObjectKey(Space, name), null, caches => new DynoReconciler(
            new DynoObserver(caches, new AppObserver(caches, () => ClusterFacts.Unknown, Options, Clock)),
            new ChildApplier(caches, Api.Applier),
            _labels ??= new LabelRestorer(Api.Transport, this, Clock),
            Api.Transport,
            new StatusWriter(Api.Applier, this),
            Options,
            Clock));

    public Task<ReconcileResult> ReconcileStoppedAsync(string pod) => ReconcileAsync(
        new ObjectKey(Space, pod), null, caches => new StoppedNames(caches, Api.Transport, Options));

    public Task<ReconcileResult> ReconcileCallersAsync(bool isAlone = false) =>
        ReconcileAsync(ObjectKey.ClusterScoped("callers"), null, caches => new CallerReconciler(
            caches,
            () => new() { PodRanges = ["10.244.0.0/16"] },
            new ChildApplier(caches, Api.Applier),
            this,
            Options,
            Clock,
            isAlone));

    public void Record(OwnerIdentity regarding, EventType type, string reason, string message) => _events.Add(reason);

    private static V1Condition Condition(string type) =>
        new()
        {
            Type = type,
            Status = "True",
            Reason = "Enforced",
            Message = "",
            LastTransitionTime = DateTime.UnixEpoch,
        };

    private async Task<ReconcileResult> ReconcileAsync(
        ObjectKey key, Action? late, Func<ClusterCaches, IReconciler> reconciler)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var caches = new ClusterCaches(Api.Transport, Options, TimeProvider.System, NullLoggerFactory.Instance);
        var reconciling = reconciler(caches);
        var informers = Task.WhenAll(caches.All.Select(informer => informer.RunAsync(stop.Token)));
        await Task.WhenAll(caches.All.Select(informer => informer.WaitForSyncAsync(stop.Token)));
        late?.Invoke();
        try
        {
            return await reconciling.ReconcileAsync(key, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await informers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
