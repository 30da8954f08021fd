using Dynospace.Api.Dynos;
using Dynospace.Controllers.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;

namespace Dynospace.Controllers.Dynos;

/// <summary>Gathers from the caches everything that a dyno's plan depends on.</summary>
public sealed class DynoObserver(ClusterCaches caches, AppObserver apps)
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
            IsOrphaned = caches.IsOrphaned(dyno),
            Space = apps.SpaceOf(key.Namespace!),
            SpaceExists = apps.SpaceExists(key.Namespace!),
            Releases = app is null ? [] : apps.ReleasesOf(app, ClusterCaches.Joined(key.Namespace, app.Metadata.Name)),
            Pods = [.. pods],
            TakenNumbers = OneOff.IsNumberedByOperator(dyno) && dyno.Status?.Index is null
                ? NumbersBeside(dyno)
                : new HashSet<int>(),
            NodeBlocks = BlocksUnder(pods),
            CordonedNodes = pods.Select(pod => pod.Node).OfType<string>().Where(IsCordoned).ToHashSet(),
        };
    }

    /// <summary>The numbers of the app's other runs.</summary>
    private HashSet<int> NumbersBeside(Dyno dyno) =>
    [
        .. caches.Dynos.Store
            .ByIndex(Indexes.App, ClusterCaches.Joined(dyno.Metadata.NamespaceProperty, dyno.Spec.App))
            .Where(other => other.Spec.ProcessType == dyno.Spec.ProcessType
                && other.Metadata.Uid != dyno.Metadata.Uid)
            .Select(other => other.Status?.Index ?? other.Spec.Index),
    ];

    /// <summary>Usually empty: only with the dyno network do nodes' agents have blocks.</summary>
    private Dictionary<string, string> BlocksUnder(IReadOnlyCollection<PodFacts> pods)
    {
        var blocks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in pods.Select(pod => pod.Node).OfType<string>())
        {
            if (caches.NodeNetworks.Store.Get(ObjectKey.ClusterScoped(node))?.Block is { } block)
            {
                blocks[node] = block;
            }
        }

        return blocks;
    }

    private bool IsCordoned(string node) =>
        caches.Nodes.Store.Get(ObjectKey.ClusterScoped(node)) is { IsCordoned: true };
}
