using Dynospace.Api.Spaces;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Cluster;

/// <summary>
/// The informers that routes are made from: Spaces, and for each Space that the router serves those of its namespace. All but
/// <see cref="RunAsync"/> is for the one who follows changes alone.
/// </summary>
internal sealed class ClusterCaches : IClusterView
{
    private readonly Informer<Space> _spaces;
    private readonly RouterScope _scope;
    private readonly Func<string, SpaceCaches> _open;
    private readonly Dictionary<string, SpaceCaches> _served = new(StringComparer.Ordinal);

    public ClusterCaches(IApiTransport transport, RouterScope scope, ChangeCollector changes, TimeProvider clock, ILoggerFactory loggers)
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
    }

    public IReadOnlyCollection<Space> Spaces => _spaces.Store.List();

    public IReadOnlyCollection<AppFacts> Apps => [.. _served.Values.SelectMany(space => space.Apps)];

    /// <summary>Spaces that are ready for apps and whose apps are not known yet: routes without them would deny what there is.</summary>
    public IReadOnlyList<string> Missing =>
    [
        .. Spaces.Where(SpaceRouting.IsInUse).Select(space => space.Metadata.Name)
            .Where(name => _served.TryGetValue(name, out var caches) && !caches.HasSynced),
    ];

    public Task RunAsync(CancellationToken cancellationToken) => _spaces.RunAsync(cancellationToken);

    public Task WaitForSpacesAsync(CancellationToken cancellationToken) => _spaces.WaitForSyncAsync(cancellationToken);

    /// <summary>Begins to watch the namespaces of Spaces that came, and ends it for those that went.</summary>
    public async Task FollowSpacesAsync()
    {
        HashSet<string> wanted = [.. Spaces.Where(_scope.Covers).Select(space => space.Metadata.Name)];
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

    /// <summary>Waits until all is known of the Spaces that are in use.</summary>
    public Task WaitForServedAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Missing.Select(space => _served[space].WaitForSyncAsync(cancellationToken)));

    public AppFacts? App(ObjectKey key) => Of(key)?.App(key);

    public IReadOnlyCollection<SliceFacts> SlicesOf(ObjectKey app) => Of(app)?.SlicesOf(app) ?? [];

    public IReadOnlyCollection<DynoFacts> DynosOf(ObjectKey app) => Of(app)?.DynosOf(app) ?? [];

    /// <summary>Ends the watches of namespaces.</summary>
    public async Task StopAsync()
    {
        foreach (var caches in _served.Values)
        {
            await caches.DisposeAsync();
        }
    }

    private SpaceCaches? Of(ObjectKey app) => _served.GetValueOrDefault(app.Namespace!);
}
