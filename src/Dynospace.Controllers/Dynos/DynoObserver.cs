using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dynos;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Dynos;

/// <summary>Gathers from the caches all that a dyno's plan depends on.</summary>
internal sealed class DynoObserver(ClusterCaches caches, AppObserver apps)
{
    public ObservedDyno? Observe(ObjectKey key)
    {
        if (caches.Dynos.Store.Get(key) is not { } dyno)
        {
            return null;
        }

        var pods = caches.Pods.Store.ByIndex(Indexes.Owner, dyno.Metadata.Uid);
        var app = caches.Apps.Store.Get(new ObjectKey(key.Namespace, dyno.Spec.App));
        return new ObservedDyno
        {
            Dyno = dyno,
            App = app,
            Space = apps.SpaceOf(key.Namespace!),
            SpaceExists = apps.SpaceExists(key.Namespace!),
            Releases = app is null ? [] : apps.ReleasesOf(app, ClusterCaches.Joined(key.Namespace, app.Metadata.Name)),
            Pods = [.. pods],
            CordonedNodes = pods.Select(pod => pod.Node).OfType<string>().Where(IsCordoned).ToHashSet(),
        };
    }

    private bool IsCordoned(string node) =>
        caches.Nodes.Store.Get(ObjectKey.ClusterScoped(node)) is { IsCordoned: true };
}
