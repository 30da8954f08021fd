using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Hosts;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using k8s.Models;

namespace Dynospace.Controllers.Apps;

/// <summary>
/// Which changes affect which Apps: one function for each kind of object, from before and after to keys.
/// </summary>
/// <param name="apps">All Apps, by namespace, domain and Secret.</param>
public sealed class AppTriggers(IStore<App> apps, PlatformOptions options)
{
    /// <summary>
    /// The dynos of an app come up together: one status for all is enough, and a rollout's next batch can wait as long.
    /// </summary>
    private static readonly TimeSpan StatusSettle = TimeSpan.FromMilliseconds(100);

    public static Controller Wire(
        Controller controller, ClusterCaches caches, HostClaims hosts, ClusterObserver cluster, PlatformOptions options)
    {
        var triggers = new AppTriggers(caches.Apps.Store, options);
        foreach (var informer in caches.Providers.All)
        {
            controller.Watches(informer, OnRoute).WatchesKind(informer, () => caches.Apps.Store.List().Select(KeyOf));
        }

        if (options.Router.IsForeign)
        {
            controller.WatchesAddresses(caches, cluster, triggers.OfPeers);
        }

        // Before the App is reconciled, which asks whether it was deleted.
        caches.Apps.AddHandler(change => hosts.OnApp(change.Old, change.New));
        return controller
            .ForSpec(caches.Apps, StatusSettle)
            .Watches(caches.Apps, triggers.OnRival)
            .Watches(caches.HostGrants, triggers.OnGrant)
            .Watches(caches.Dynos, OnDyno)
            .Watches(caches.Dynos, OnDynoStatus, StatusSettle)
            .Watches(caches.Releases, OnRelease)
            .Watches(caches.Services, OnService)
            .Watches(caches.Secrets, triggers.OnSecret)
            .Watches(caches.Budgets, triggers.OnBudget)
            .Watches(caches.Endpoints, OnEndpoints, StatusSettle)
            .Watches(caches.Spaces, triggers.OnSpace)
            .Watches(caches.Namespaces, triggers.OnNamespace);
    }

    /// <summary>A part of the cluster's gateway that was made for an app.</summary>
    public static IEnumerable<ObjectKey> OnRoute(ProviderPart? before, ProviderPart? after) =>
        (after ?? before)!.App is { } app ? [app] : [];

    /// <summary>A Dyno that is created, deleted or has another spec may have to be corrected at once.</summary>
    public static IEnumerable<ObjectKey> OnDyno(Dyno? before, Dyno? after) =>
        IsStructural(before, after) ? [AppOf((after ?? before)!)] : [];

    /// <summary>A Dyno's status is counted.</summary>
    public static IEnumerable<ObjectKey> OnDynoStatus(Dyno? before, Dyno? after) =>
        IsStructural(before, after) ? [] : [AppOf(after!)];

    public static IEnumerable<ObjectKey> OnRelease(StoredRelease? before, StoredRelease? after) =>
        [(after ?? before)!.App];

    /// <summary>The Service's owner by label, or the app that would need its name.</summary>
    public static IEnumerable<ObjectKey> OnService(ServiceState? before, ServiceState? after)
    {
        var live = (after ?? before)!.Live;
        return
        [
            new ObjectKey(
                live.Key.Namespace, live.Labels.GetValueOrDefault(Labels.App) ?? live.Key.Name.Split("--")[0]),
        ];
    }

    /// <summary>Whether requests reach an app changes with its first ready endpoint and its last.</summary>
    public static IEnumerable<ObjectKey> OnEndpoints(WebEndpoints? before, WebEndpoints? after) =>
        (before?.Ready > 0) == (after?.Ready > 0) && before is not null && after is not null
            ? []
            : [new ObjectKey((after ?? before)!.Namespace, (after ?? before)!.App)];

    /// <summary>
    /// A budget of the operator is its app's; any other one may be for the dynos of any app of its namespace.
    /// </summary>
    public IEnumerable<ObjectKey> OnBudget(BudgetState? before, BudgetState? after)
    {
        var live = (after ?? before)!.Live;
        return live.Labels.AreManaged()
            ? live.Labels.GetValueOrDefault(Labels.App) is { } app ? [new ObjectKey(live.Key.Namespace, app)] : []
            : apps.ByIndex(Indexes.Namespace, live.Key.Namespace!).Select(KeyOf);
    }

    /// <summary>
    /// A Secret's content is part of releases; its type and its certificate affect routes. A Secret with the values of
    /// a release belongs to its app.
    /// </summary>
    public IEnumerable<ObjectKey> OnSecret(SecretState? before, SecretState? after)
    {
        var secret = (after ?? before)!;
        if (secret.App is { } owner)
        {
            return [new ObjectKey(secret.Namespace, owner)];
        }

        return before?.Digest == after?.Digest
            && before?.Type == after?.Type
            && before?.Certificate == after?.Certificate
            ? []
            : apps.ByIndex(Indexes.Secret, ClusterCaches.Joined(secret.Namespace, secret.Digest.Name)).Select(KeyOf);
    }

    /// <summary>A domain that an app takes or gives up affects other apps that claim it.</summary>
    public IEnumerable<ObjectKey> OnRival(App? before, App? after)
    {
        var (had, has) = (DomainsOf(before), DomainsOf(after));
        return had.SequenceEqual(has) && before?.Metadata.Uid == after?.Metadata.Uid
            ? []
            : Claimants(had.Concat(has)).Distinct();
    }

    /// <summary>A record that is created or deleted affects its holder and all apps that claim the host.</summary>
    public IEnumerable<ObjectKey> OnGrant(HostGrant? before, HostGrant? after)
    {
        var grant = (after ?? before)!;
        return before == after
            ? []
            : Claimants([grant.Host]).Append(new(grant.Holder.Space, grant.Holder.App)).Distinct();
    }

    public IEnumerable<ObjectKey> OnSpace(Space? before, Space? after) =>
        SpaceChanges.Matters(before, after, options) ? InNamespace((after ?? before)!.Metadata.Name) : [];

    public IEnumerable<ObjectKey> OnNamespace(V1Namespace? before, V1Namespace? after) =>
        SpaceChanges.Matters(before, after) ? InNamespace((after ?? before)!.Metadata.Name) : [];

    /// <summary>
    /// The apps that peer networks reach through the cluster's own gateway, which admits no address of the
    /// cluster.
    /// </summary>
    private IEnumerable<ObjectKey> OfPeers() => apps.List().Where(app => app.Spec.InternalRouting).Select(KeyOf);

    private static bool IsStructural(Dyno? before, Dyno? after) =>
        before is null || after is null
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp;

    private static ObjectKey AppOf(Dyno dyno) => new(dyno.Metadata.NamespaceProperty, dyno.Spec.App);

    private static IList<string> DomainsOf(App? app) =>
        app?.Metadata.DeletionTimestamp is null ? app?.Spec.Domains ?? [] : [];

    /// <summary>
    /// The namespace's apps, and those that claim the same domains: only in a namespace that belongs to a space do
    /// claims count.
    /// </summary>
    private IEnumerable<ObjectKey> InNamespace(string ns)
    {
        var inside = apps.ByIndex(Indexes.Namespace, ns);
        return inside.Select(KeyOf).Concat(Claimants(inside.SelectMany(app => app.Spec.Domains ?? []))).Distinct();
    }

    private IEnumerable<ObjectKey> Claimants(IEnumerable<string> domains) =>
        domains.Distinct().SelectMany(domain => apps.ByIndex(Indexes.Domain, domain)).Select(KeyOf);

    private static ObjectKey KeyOf(App app) => new(app.Metadata.NamespaceProperty, app.Metadata.Name);
}
