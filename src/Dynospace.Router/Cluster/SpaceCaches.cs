using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>What is known of one space's namespace, for as long as its router serves it: nobody may read apps of all namespaces.</summary>
internal sealed class SpaceCaches : IAsyncDisposable
{
    private const string ByApp = "app";

    /// <summary>
    /// Slices of the cluster's own controller for Services of the operator; whatever else there is, the router never hears of.
    /// </summary>
    private const string TrustedSlices =
        "endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io,"
        + $"{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.ProcessType}={ProcessTypes.Web}";

    private readonly CancellationTokenSource _stop = new();
    private readonly Informer<AppFacts> _apps;
    private readonly Informer<SliceFacts> _slices;
    private readonly Informer<DynoFacts> _dynos;
    private readonly IReadOnlyList<IInformer> _all;
    private readonly Task _running;

    public SpaceCaches(string space, IApiTransport transport, ChangeCollector changes, TimeProvider clock, ILoggerFactory loggers)
    {
        _apps = Create(ResourceKind.For<App>(), new InformerOptions<AppFacts> { Decode = AppFacts.Decode, Namespace = space });
        _slices = Create(ResourceKind.For<V1EndpointSlice>(), new InformerOptions<SliceFacts>
        {
            Decode = SliceFacts.Decode,
            Namespace = space,
            LabelSelector = TrustedSlices,
            Indexers = Index<SliceFacts>(slice => slice.Service),
        });
        _dynos = Create(ResourceKind.For<Dyno>(), new InformerOptions<DynoFacts>
        {
            Decode = DynoFacts.Decode,
            Namespace = space,
            LabelSelector = $"{Labels.ProcessType}={ProcessTypes.Web}",
            Indexers = Index<DynoFacts>(dyno => dyno.App),
        });
        _apps.AddHandler(change => changes.AddApp(change.Old, change.New));
        _slices.AddHandler(change =>
        {
            changes.AddRoute(change.Old?.Service);
            changes.AddRoute(change.New?.Service);
        });
        _dynos.AddHandler(change => changes.AddRoute((change.New ?? change.Old)?.App));
        _all = [_apps, _slices, _dynos];
        _running = Task.WhenAll(_all.Select(informer => informer.RunAsync(_stop.Token)));

        Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options)
            where T : class => new(transport, kind, options, clock, loggers.CreateLogger<Informer<T>>());
    }

    public bool HasSynced => _all.All(informer => informer.HasSynced);

    public IReadOnlyCollection<AppFacts> Apps => _apps.Store.List();

    public AppFacts? App(ObjectKey key) => _apps.Store.Get(key);

    public IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app) => _slices.Store.ByIndex(ByApp, app.ToString());

    public IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app) => _dynos.Store.ByIndex(ByApp, app.ToString());

    public Task WaitForSyncAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_all.Select(informer => informer.WaitForSyncAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static Dictionary<string, Func<T, IEnumerable<string>>> Index<T>(Func<T, ObjectKey?> app) =>
        new() { [ByApp] = value => app(value) is { } key ? [key.ToString()] : [] };
}
