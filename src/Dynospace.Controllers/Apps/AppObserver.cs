using Dynospace.Api.Apps;
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

/// <summary>Gathers from the caches all that an app's plan depends on.</summary>
internal sealed class AppObserver(ClusterCaches caches, PlatformOptions options, TimeProvider clock)
{
    private static readonly ResourceKind Certificates = ProviderCaches.Of(ProviderKinds.Certificate);

    public ObservedApp? Observe(ObjectKey key)
    {
        if (caches.Apps.Store.Get(key) is not { } app || app.Metadata.DeletionTimestamp is not null)
        {
            return null;
        }

        var indexKey = ClusterCaches.Joined(key.Namespace, key.Name);
        return new ObservedApp
        {
            App = app,
            Space = SpaceOf(key.Namespace!),
            SpaceExists = SpaceExists(key.Namespace!),
            Dynos = [.. caches.Dynos.Store.ByIndex(Indexes.App, indexKey)],
            Releases = ReleasesOf(app, indexKey),
            Secrets = SecretsOf(app),
            ReleaseSecrets =
            [
                .. caches.Secrets.Store.ByIndex(Indexes.Owner, app.Metadata.Uid)
                    .Select(secret => ChildIdentity.Of<V1Secret>(secret.Namespace, secret.Digest.Name, secret.Uid)),
            ],
            Now = clock.GetUtcNow(),
            Routes = RoutesOf(app),
            OrphanedReleases = [.. OrphanedReleasesOf(indexKey)],
            OrphanedDynos = caches.Dynos.Store.ByIndex(Indexes.App, indexKey)
                .Where(dyno => dyno.Metadata.OwnerReferences is null or []
                    && caches.IsOrphaned(LiveObject.Of(Kinds.Dyno, dyno)))
                .Select(dyno => dyno.Metadata.Uid).ToHashSet(),
            OrphanedSecrets =
            [
                .. caches.Secrets.Store.ByIndex(Indexes.OrphanOf, indexKey)
                    .Select(secret => ChildIdentity.Of<V1Secret>(secret.Namespace, secret.Digest.Name, secret.Uid)),
            ],
            Services = [.. ServicesOf(app).Select(service => FactsOf(service.Live))],
        };
    }

    /// <summary>The space of a namespace. The namespace's label decides, which tenants cannot write.</summary>
    public SpaceFacts? SpaceOf(string ns) =>
        caches.Namespaces.Store.Get(ObjectKey.ClusterScoped(ns)) is { } found
        && found.Metadata.Labels?.TryGetValue(Api.Labels.Space, out var space) == true && space == ns
        && caches.Spaces.Store.Get(ObjectKey.ClusterScoped(space)) is { } spec
            ? SpaceFacts.Of(spec, options)
            : null;

    /// <summary>
    /// Whether a Space has the namespace's name; it has taken the namespace once <see cref="SpaceOf"/> finds it.
    /// </summary>
    public bool SpaceExists(string ns) => caches.Spaces.Store.Get(ObjectKey.ClusterScoped(ns)) is not null;

    /// <summary>The releases that this very App owns, not those of a namesake that was deleted.</summary>
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
