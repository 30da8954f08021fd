using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Children;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.Controllers.Apps;

/// <summary>Gathers from the caches everything that an app's plan depends on.</summary>
public sealed class AppObserver(
    ClusterCaches caches,
    Func<ClusterFacts> cluster,
    PlatformOptions options,
    TimeProvider clock,
    SpecAges? ages = null)
{
    private static readonly ResourceKind Certificates = ProviderCaches.KindOf(ProviderKinds.Certificate);

    public ObservedApp? Observe(ObjectKey key)
    {
        if (caches.Apps.Store.Get(key) is not { } app)
        {
            ages?.Forget(key);
            return null;
        }

        var indexKey = ClusterCaches.Joined(key.Namespace, key.Name);
        var releaseSecrets = caches.Secrets.Store.ByIndex(Indexes.Owner, app.Metadata.Uid);
        return new ObservedApp
        {
            App = app,
            Space = RoutedSpaceOf(key.Namespace!),
            SpaceExists = SpaceExists(key.Namespace!),
            Dynos = [.. caches.Dynos.Store.ByIndex(Indexes.App, indexKey)],
            Releases = ReleasesOf(app, indexKey),
            Secrets = SecretsOf(app),
            ReleaseSecrets = [.. releaseSecrets.Select(IdentityOf)],
            ReleaseSecretHashes = releaseSecrets
                .Where(secret => secret.ReleaseHash is not null)
                .ToDictionary(secret => secret.Digest.Name, secret => secret.ReleaseHash!),
            OtherSecrets = OtherSecretsOf(app),
            ChangedAt = ages?.SinceOf(app),
            ReadyEndpoints = ReadyEndpointsOf(indexKey),
            Budgets =
            [
                .. caches.Budgets.Store.ByIndex(Indexes.Namespace, key.Namespace!)
                    .Select(budget => FactsOf(budget, app)),
            ],
            Now = clock.GetUtcNow(),
            Routes = RoutesOf(app),
            OrphanedReleases = [.. OrphanedReleasesOf(indexKey)],
            OrphanedDynos = caches.Dynos.Store.ByIndex(Indexes.App, indexKey)
                .Where(caches.IsOrphaned)
                .Select(dyno => dyno.Metadata.Uid).ToHashSet(),
            OrphanedSecrets = [.. caches.Secrets.Store.ByIndex(Indexes.OrphanOf, indexKey).Select(IdentityOf)],
            Services = [.. ServicesOf(app).Select(service => FactsOf(service.Live))],
        };
    }

    private static ChildIdentity IdentityOf(SecretState secret) =>
        ChildIdentity.For<V1Secret>(secret.Namespace, secret.Digest.Name, secret.Uid);

    /// <summary>
    /// Secrets of others whose names could collide with the operator's own for the values of a release.
    /// </summary>
    private List<string> OtherSecretsOf(App app) => app.Spec.ConfigFrom is not { Count: > 0 }
        ? []
        :
        [
            .. caches.Secrets.Store.ByIndex(Indexes.Namespace, app.Metadata.NamespaceProperty)
                .Where(secret => secret.OwnerUid != app.Metadata.Uid
                    && secret.Digest.Name.StartsWith($"{app.Metadata.Name}-r", StringComparison.Ordinal)
                    && !(secret is { OwnerUid: null, App: { } of } && of == app.Metadata.Name))
                .Select(secret => secret.Digest.Name),
        ];

    /// <summary>
    /// Null if the cluster has no endpoint slice of any app: then no controller makes them, and the number is unknown.
    /// </summary>
    private int? ReadyEndpointsOf(string indexKey) => caches.Endpoints.Store.Count == 0
        ? null
        : caches.Endpoints.Store.ByIndex(Indexes.App, indexKey).Sum(slice => slice.Ready);

    private BudgetFacts FactsOf(BudgetState budget, App app) =>
        new(budget.Live.Key.Name, budget.Live.Uid, budget.Live.ControllerUid)
        {
            Selector = budget.Selector,
            IsAdoptable = budget.Live.ControllerUid is null
                && (budget.Live.Labels.GetValueOrDefault(Api.Labels.OwnerUid) == app.Metadata.Uid
                    || caches.IsOrphaned(budget.Live)),
        };

    /// <summary>The space of a namespace. The namespace's label decides, which tenants cannot write.</summary>
    public SpaceFacts? SpaceOf(string ns) => OwnerOf(ns) is { } space ? SpaceFacts.FromSpace(space, options) : null;

    /// <summary>The same with everything that routes depend on.</summary>
    private SpaceFacts? RoutedSpaceOf(string ns) => options.Router.IsForeign && OwnerOf(ns) is { } space
        ? SpaceFacts.FromSpace(space, cluster(), options)
        : SpaceOf(ns);

    private Space? OwnerOf(string ns) =>
        caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(ns)) is { } found
        && found.Metadata.Labels?.TryGetValue(Api.Labels.Space, out var space) == true && space == ns
            ? caches.Spaces.Store.Get(ObjectKey.ClusterScoped(ns))
            : null;

    /// <summary>
    /// Whether a Space has the namespace's name; it has taken the namespace once <see cref="SpaceOf"/> finds it.
    /// </summary>
    public bool SpaceExists(string ns) => caches.Spaces.Store.Get(ObjectKey.ClusterScoped(ns)) is not null;

    /// <summary>The releases that this App owns by uid, not those of a deleted App of the same name.</summary>
    public IReadOnlyList<ReleaseRecord> ReleasesOf(App app, string indexKey) =>
        [.. caches.Releases.Store.ByIndex(Indexes.App, indexKey)
            .Where(stored => stored.Live.ControllerUid == app.Metadata.Uid)
            .Select(stored => stored.Release).OfType<ReleaseRecord>()
            .OrderBy(release => release.Number)];

    private IEnumerable<ReleaseRecord> OrphanedReleasesOf(string indexKey) =>
        caches.Releases.Store.ByIndex(Indexes.App, indexKey)
            .Where(stored => caches.IsOrphaned(stored.Live))
            .Select(stored => stored.Release).OfType<ReleaseRecord>();

    private ServiceFacts FactsOf(LiveObject live) =>
        new(live.Key.Name, live.Uid, live.ControllerUid) { IsOrphaned = caches.IsOrphaned(live) };

    /// <summary>The Services that the app owns or whose names it needs.</summary>
    public IReadOnlyCollection<ServiceState> ServicesOf(App app)
    {
        var ns = app.Metadata.NamespaceProperty;
        var named = (app.Spec.Processes ?? [])
            .Select(process => AppNames.HeadlessService(app.Metadata.Name, process.Type))
            .Append(AppNames.WebService(app.Metadata.Name))
            .Select(name => caches.Services.Store.Get(new ObjectKey(ns, name)))
            .OfType<ServiceState>();
        return
        [
            .. caches.Services.Store.ByIndex(Indexes.Owner, app.Metadata.Uid)
                .Concat(named)
                .DistinctBy(service => service.Live.Uid),
        ];
    }

    private RouteFacts RoutesOf(App app)
    {
        var parts = caches.Providers.PartsOf(new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name))
            .Where(part => part.Live.Labels.GetValueOrDefault(Api.Labels.OwnerUid) == app.Metadata.Uid).ToList();
        var issued = new ObjectKey(app.Metadata.NamespaceProperty, TlsNames.Issued(app));
        return new RouteFacts
        {
            TlsSecrets = TlsSecretsOf(app),
            Served = caches.Providers.Served,
            Certificate =
                parts.FirstOrDefault(part => part.Live.Kind == Certificates && part.Live.Key == issued)?.Certificate,
            IsIssuedSecretTaken = caches.Secrets.Store.Get(issued) is { } secret && secret.Certificate != issued.Name,
            RouteRefusal = parts.Select(part => part.Refusal).FirstOrDefault(refusal => refusal is not null),
        };
    }

    private Dictionary<string, string> TlsSecretsOf(App app) =>
        TlsNames.SecretsOf(app).Distinct()
            .Select(name => caches.Secrets.Store.Get(new ObjectKey(app.Metadata.NamespaceProperty, name)))
            .OfType<SecretState>()
            .ToDictionary(secret => secret.Digest.Name, secret => secret.Type);

    private List<SecretDigest> SecretsOf(App app) =>
        [.. (app.Spec.ConfigFrom ?? [])
            .Select(
                source => caches.Secrets.Store.Get(
                    new ObjectKey(app.Metadata.NamespaceProperty, source.SecretRef.Name)))
            .OfType<SecretState>()
            .Select(secret => secret.Digest with { ObservedAt = secret.ObservedAt })
            .DistinctBy(digest => digest.Name)];
}
