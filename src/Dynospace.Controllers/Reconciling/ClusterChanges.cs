using Dynospace.Controllers.Caching;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Reconciling;

/// <summary>The changes that affect everything that depends on the cluster's addresses.</summary>
public static class ClusterChanges
{
    /// <summary>Nodes join in batches.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    /// <param name="dependents">What depends on the cluster's addresses.</param>
    public static Controller WatchesAddresses(
        this Controller controller,
        ClusterCaches caches,
        ClusterObserver cluster,
        Func<IEnumerable<ObjectKey>> dependents)
    {
        return controller
            .Watches(caches.Pods, (_, after) => If(cluster.IsNews(after)), Settle)
            .Watches(caches.Services, (_, after) => If(cluster.IsNews(after)), Settle)
            .Watches(caches.Nodes, IfChanged, Settle)
            .Watches(caches.ServiceCidrs, IfChanged, Settle)
            .Watches(caches.ApiServers, IfChanged, Settle);

        IEnumerable<ObjectKey> If(bool isNews) => isNews ? dependents() : [];

        IEnumerable<ObjectKey> IfChanged<T>(T? before, T? after)
            where T : class => If(!Equals(before, after));
    }
}
