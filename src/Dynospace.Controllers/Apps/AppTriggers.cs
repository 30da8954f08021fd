using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Apps;

/// <summary>Which changes concern which Apps.</summary>
internal sealed class AppTriggers(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>Dynos of one app come up together: one status for them all is enough, and a rollout's next batch can wait as long.</summary>
    private static readonly TimeSpan StatusSettle = TimeSpan.FromMilliseconds(100);

    public Controller Wire(Controller controller)
    {
        foreach (var informer in caches.Providers.All)
        {
            controller
                .Watches(informer, (before, after) => (after ?? before)!.App is { } app ? [app] : [])
                .WatchesKind(informer, () => caches.Apps.Store.List().Select(KeyOf));
        }

        return WireOwn(controller);
    }

    private Controller WireOwn(Controller controller) => controller
        .ForSpec(caches.Apps, StatusSettle)
        .Watches(caches.Apps, OnRival)
        .Watches(caches.Dynos, (before, after) => IsStructural(before, after) ? [AppOf(after ?? before!)] : [])
        .Watches(caches.Dynos, (before, after) => IsStructural(before, after) ? [] : [AppOf(after!)], StatusSettle)
        .Watches(caches.Releases, (before, after) => [(after ?? before!).App])
        .Watches(caches.Services, (before, after) => OnService(after ?? before!))
        .Watches(caches.Secrets, OnSecret)
        .Watches(caches.Spaces, (before, after) => SpaceChanges.Matters(before, after, options) ? InNamespace((after ?? before!).Metadata.Name) : [])
        .Watches(caches.Namespaces, (before, after) => SpaceChanges.Matters(before, after) ? InNamespace((after ?? before!).Metadata.Name) : []);

    private static bool IsStructural(Dyno? before, Dyno? after) =>
        before is null || after is null
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp;

    private static ObjectKey AppOf(Dyno dyno) => new(dyno.Metadata.NamespaceProperty, dyno.Spec.App);

    /// <summary>Its owner by label, or the app that would need its name.</summary>
    private static IEnumerable<ObjectKey> OnService(ServiceState service)
    {
        var (ns, name) = (service.Live.Key.Namespace, service.Live.Key.Name);
        yield return new ObjectKey(ns, service.Live.Labels.TryGetValue(Labels.App, out var app) ? app : name.Split("--")[0]);
    }

    private IEnumerable<ObjectKey> OnSecret(SecretState? before, SecretState? after)
    {
        var secret = (after ?? before)!;
        return before?.Digest == after?.Digest && before?.Type == after?.Type && before?.Certificate == after?.Certificate
            ? []
            : caches.Apps.Store.ByIndex(Indexes.Secret, ClusterCaches.Joined(secret.Namespace, secret.Digest.Name))
                .Select(app => new ObjectKey(secret.Namespace, app.Metadata.Name));
    }

    /// <summary>A domain that an app takes or gives up is another's loss or gain.</summary>
    private IEnumerable<ObjectKey> OnRival(App? before, App? after)
    {
        var was = before?.Metadata.DeletionTimestamp is null ? before?.Spec.Domains ?? [] : [];
        var isNow = after?.Metadata.DeletionTimestamp is null ? after?.Spec.Domains ?? [] : [];
        return was.SequenceEqual(isNow) && before?.Metadata.Uid == after?.Metadata.Uid
            ? []
            : Claimants(was.Concat(isNow)).Distinct();
    }

    /// <summary>Its apps, and those that ask for their domains: whether a namespace belongs to a space decides who claims.</summary>
    private IEnumerable<ObjectKey> InNamespace(string ns)
    {
        var apps = caches.Apps.Store.ByIndex(Indexes.Namespace, ns);
        return apps.Select(KeyOf).Concat(Claimants(apps.SelectMany(app => app.Spec.Domains ?? []))).Distinct();
    }

    private IEnumerable<ObjectKey> Claimants(IEnumerable<string> domains) =>
        domains.Distinct().SelectMany(domain => caches.Apps.Store.ByIndex(Indexes.Domain, domain)).Select(KeyOf);

    private static ObjectKey KeyOf(App app) => new(app.Metadata.NamespaceProperty, app.Metadata.Name);
}
