using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>The informers that routes are made from. The router of one space sees that space alone.</summary>
internal sealed class ClusterCaches : IClusterView
{
    private const string ByApp = "app";

    /// <summary>Slices of the cluster's own controller for Services of the operator; whatever else there is, the router never hears of.</summary>
    private const string TrustedSlices =
        $"endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io,{Labels.ManagedBy}={Labels.ManagedByValue},{Labels.ProcessType}={ProcessTypes.Web}";

    private readonly Informer<Space> _spaces;
    private readonly Informer<AppFacts> _apps;
    private readonly Informer<SliceFacts> _slices;
    private readonly Informer<DynoFacts> _dynos;

    public ClusterCaches(IApiTransport transport, RouterScope scope, ChangeCollector changes, TimeProvider clock, ILoggerFactory loggers)
    {
        _spaces = Create(ResourceKind.For<Space>(isNamespaced: false), new InformerOptions<Space>
        {
            FieldSelector = scope.Space is { } space ? $"metadata.name={space}" : null,
        });
        _apps = Create(ResourceKind.For<App>(), new InformerOptions<AppFacts> { Decode = AppFacts.Decode, Namespace = scope.Space });
        _slices = Create(ResourceKind.For<V1EndpointSlice>(), new InformerOptions<SliceFacts>
        {
            Decode = SliceFacts.Decode,
            Namespace = scope.Space,
            LabelSelector = TrustedSlices,
            Indexers = Index<SliceFacts>(slice => slice.Service),
        });
        _dynos = Create(ResourceKind.For<Dyno>(), new InformerOptions<DynoFacts>
        {
            Decode = DynoFacts.Decode,
            Namespace = scope.Space,
            LabelSelector = $"{Labels.ProcessType}={ProcessTypes.Web}",
            Indexers = Index<DynoFacts>(dyno => dyno.App),
        });
        _spaces.AddHandler(_ => changes.AddSpaces());
        _apps.AddHandler(change => changes.AddApp(change.Old, change.New));
        _slices.AddHandler(change =>
        {
            changes.AddRoute(change.Old?.Service);
            changes.AddRoute(change.New?.Service);
        });
        _dynos.AddHandler(change => changes.AddRoute((change.New ?? change.Old)?.App));
        All = [_spaces, _apps, _slices, _dynos];

        Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options)
            where T : class => new(transport, kind, options, clock, loggers.CreateLogger<Informer<T>>());
    }

    public IReadOnlyList<IInformer> All { get; }

    public IReadOnlyCollection<Space> Spaces => _spaces.Store.List();

    public IReadOnlyCollection<AppFacts> Apps => _apps.Store.List();

    public AppFacts? App(ObjectKey key) => _apps.Store.Get(key);

    public IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app) => _slices.Store.ByIndex(ByApp, app.ToString());

    public IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app) => _dynos.Store.ByIndex(ByApp, app.ToString());

    private static Dictionary<string, Func<T, IEnumerable<string>>> Index<T>(Func<T, ObjectKey?> app) =>
        new() { [ByApp] = value => app(value) is { } key ? [key.ToString()] : [] };
}
