using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Children;
using Dynospace.Controllers.Components;
using Dynospace.Controllers.Egress;
using Dynospace.Controllers.Reconciling;
using Dynospace.Controllers.Routers;
using Dynospace.Controllers.Spaces;
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
/// An API server in memory, the real caches over it, and the real reconcilers of Spaces and of the shared router.
/// </summary>
internal sealed class ObservedCluster(TimeProvider? clock = null)
{
    public RecordingApplier Server { get; } = new(new ApplierOptions
    {
        FieldManager = DynospaceGroup.FieldManager,
        HashAnnotation = Annotations.Applied,
        OwnerUidLabel = Labels.OwnerUid,
    }, clock);

    public PlatformOptions Options { get; init; } = new();

    public List<string> Events { get; } = [];

    /// <summary>When the last reconcile asked for another one; null for never, or for a failure's back-off.</summary>
    public TimeSpan? Recheck { get; private set; }

    public static Space Space(string name = "acme", SpaceRuntime runtime = SpaceRuntime.Private) => new()
    {
        ApiVersion = "dynospace.dev/v1alpha1",
        Kind = "Space",
        Metadata = new() { Name = name, Uid = $"uid-{name}", Generation = 1 },
        Spec = new() { Runtime = runtime, Region = "oregon" },
    };

    public void Put(IKubernetesObject<V1ObjectMeta> value) => Server.Put(Kinds.For(value), JsonObjects.From(value));

    public void Put(ResourceKind kind, string json) => Server.Put(kind, JsonNode.Parse(json)!.AsObject());

    /// <summary>Caches that hold everything that is there now.</summary>
    public async Task<ClusterCaches> CachesAsync()
    {
        var caches = new ClusterCaches(Server.Transport, Options, TimeProvider.System, NullLoggerFactory.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = caches.All.Select(informer => informer.RunAsync(stop.Token)).ToList();
        foreach (var informer in caches.All)
        {
            await informer.WaitForSyncAsync(stop.Token);
        }

        await stop.CancelAsync();
        await Task.WhenAll(running)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return caches;
    }

    /// <summary>Reconciles one Space once, and forgets the writes that came before.</summary>
    public async Task<IReadOnlyList<string>> ReconcileAsync(string space)
    {
        var caches = await CachesAsync();
        var children = new ChildApplier(caches, Server.Applier);
        var components = new ComponentApplier(caches, children, Server.Transport, Options);
        var cluster = new ClusterObserver(caches, Options);
        var events = new Recorder(Events);
        var reconciler = new SpaceReconciler(
            new SpaceObserver(
                caches,
                cluster,
                new RouterObserver(caches, Options),
                new SpaceDnsObserver(caches, Options),
                components,
                new EgressObserver(caches, cluster, Options),
                TimeProvider.System),
            new SpaceApplier(children, components, new NamespaceRelease(Server.Transport), Server.Applier, events),
            Server.Applier,
            new StatusWriter(Server.Applier, events),
            Options,
            TimeProvider.System);
        Server.Forget();
        Recheck = null;
        try
        {
            Recheck = (await reconciler.ReconcileAsync(
                ObjectKey.ClusterScoped(space), TestContext.Current.CancellationToken)).RecheckAfter;
        }
        catch (RetryableReconcileException)
        {
            // It is tried again with back-off.
        }

        return Server.Writes;
    }

    /// <summary>The status of a Space as it was written last.</summary>
    public async Task<SpaceStatus?> StatusOfAsync(string space)
    {
        var key = ObjectKey.ClusterScoped(space);
        return JsonObjects.To<Space>(
            await Server.Transport.GetAsync(Kinds.Space, key, TestContext.Current.CancellationToken)).Status;
    }

    private sealed class Recorder(List<string> events) : IEventRecorder
    {
        public void Record(OwnerIdentity regarding, EventType type, string reason, string message) =>
            events.Add($"{regarding.Kind.Kind} {regarding.Key}: {reason}: {message}");
    }
}
