using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>The cached state of the cluster.</summary>
internal interface IClusterView
{
    IReadOnlyCollection<Space> Spaces { get; }

    /// <summary>The callers inside the cluster; the same object until its content changes.</summary>
    Callers Callers { get; }

    IReadOnlyCollection<AppFacts> Apps { get; }

    AppFacts? App(ObjectKey key);

    IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app);

    IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app);
}

/// <summary>
/// The informers that routes are made from: Spaces, and for each Space that the router serves those of its namespace.
/// Members other than <see cref="RunAsync"/> are not thread-safe: only the loop that handles changes calls them.
/// </summary>
internal sealed class RouterCaches : IClusterView
{
    private readonly Informer<Space> _spaces;
    private readonly RouterScope _scope;
    private readonly Func<string, SpaceCaches> _open;
    private readonly Dictionary<string, SpaceCaches> _served = new(StringComparer.Ordinal);
    private readonly CallerWatch? _callers;

    /// <param name="systemNamespace">
    /// The namespace in which the operator publishes callers inside the cluster; null for none.
    /// </param>
    public RouterCaches(
        IApiTransport transport,
        RouterScope scope,
        ChangeCollector changes,
        TimeProvider clock,
        ILoggerFactory loggers,
        string? systemNamespace = null)
    {
        _scope = scope;
        _open = space => new SpaceCaches(space, transport, changes, clock, loggers);
        _spaces = new Informer<Space>(
            transport,
            ResourceKind.For<Space>(isNamespaced: false),
            new InformerOptions<Space> { FieldSelector = scope.Space is { } only ? $"metadata.name={only}" : null },
            clock,
            loggers.CreateLogger<Informer<Space>>());
        _spaces.AddHandler(_ => changes.AddSpaces());
        _callers = systemNamespace is not null && scope is { Space: { } space, Listener: ListenerKind.Public }
            ? new CallerWatch(space, systemNamespace, transport, changes, clock, loggers)
            : null;
    }

    public IReadOnlyCollection<Space> Spaces => _spaces.Store.List();

    public Callers Callers => _callers?.Current ?? Callers.NotJudged;

    public IReadOnlyCollection<AppFacts> Apps => [.. _served.Values.SelectMany(space => space.Apps)];

    /// <summary>
    /// Spaces that are ready for apps but whose apps are not listed yet: routes built now would lack them.
    /// </summary>
    public IReadOnlyList<string> Missing =>
    [
        .. Spaces.Where(SpaceRouting.IsInUse).Select(space => space.Metadata.Name)
            .Where(name => _served.TryGetValue(name, out var caches) && !caches.HasSynced),
    ];

    public Task RunAsync(CancellationToken cancellationToken) =>
        _callers is null
            ? _spaces.RunAsync(cancellationToken)
            : Task.WhenAll(_spaces.RunAsync(cancellationToken), _callers.RunAsync(cancellationToken));

    /// <summary>Waits until the callers inside the cluster are known.</summary>
    public Task WaitForCallersAsync(CancellationToken cancellationToken) =>
        _callers?.WaitForSyncAsync(cancellationToken) ?? Task.CompletedTask;

    public Task WaitForSpacesAsync(CancellationToken cancellationToken) => _spaces.WaitForSyncAsync(cancellationToken);

    /// <summary>
    /// Starts to watch the namespaces of Spaces in use, and stops for Spaces that are gone. While the namespace of a
    /// Space is not ready, the router has no rights in it and would be refused. A Space that is served stays served,
    /// whatever its status becomes.
    /// </summary>
    public async Task FollowSpacesAsync()
    {
        HashSet<string> wanted =
        [
            .. Spaces.Where(_scope.Covers)
                .Where(space => SpaceRouting.IsInUse(space) || _served.ContainsKey(space.Metadata.Name))
                .Select(space => space.Metadata.Name),
        ];
        foreach (var gone in _served.Keys.Except(wanted).ToList())
        {
            _served.Remove(gone, out var caches);
            await caches!.DisposeAsync();
        }

        foreach (var added in wanted.Except(_served.Keys).ToList())
        {
            _served[added] = _open(added);
        }
    }

    /// <summary>Waits until the namespaces of all Spaces in use are listed.</summary>
    public Task WaitForServedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Missing.Select(space => _served[space].WaitForSyncAsync(cancellationToken)));

    public AppFacts? App(ObjectKey key) => CachesOf(key)?.App(key);

    public IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app) => CachesOf(app)?.SlicesOf(app) ?? [];

    public IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app) => CachesOf(app)?.DynosOf(app) ?? [];

    /// <summary>Ends the watches of namespaces.</summary>
    public async Task StopAsync()
    {
        foreach (var caches in _served.Values)
        {
            await caches.DisposeAsync();
        }

        if (_callers is not null)
        {
            await _callers.DisposeAsync();
        }
    }

    private SpaceCaches? CachesOf(ObjectKey app) => _served.GetValueOrDefault(app.Namespace!);
}

/// <summary>
/// The informers of one space's namespace, as long as the router serves it. A router may not read the apps of all
/// namespaces.
/// </summary>
internal sealed class SpaceCaches : IAsyncDisposable
{
    private const string ByApp = "app";

    /// <summary>
    /// Only slices that the cluster's own controller made for Services of the operator; others are not watched.
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

    public SpaceCaches(
        string space, IApiTransport transport, ChangeCollector changes, TimeProvider clock, ILoggerFactory loggers)
    {
        _apps = Create(
            ResourceKind.For<App>(), new InformerOptions<AppFacts> { Decode = AppFacts.Decode, Namespace = space });
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
