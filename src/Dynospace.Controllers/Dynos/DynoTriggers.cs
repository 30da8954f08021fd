using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning;
using Dynospace.Planning.Dynos;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Dynos;

/// <summary>Which changes concern which Dynos.</summary>
internal sealed class DynoTriggers(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>A status that somebody else wrote is put right, which has time.</summary>
    private static readonly TimeSpan StatusSettle = TimeSpan.FromSeconds(1);

    public Controller Wire(Controller controller) => controller
        .ForSpec(caches.Dynos, StatusSettle)
        .Watches(caches.Pods, (before, after) => OnPod(after ?? before!))
        .Watches(caches.Releases, (before, after) => before is null || after is null ? OfApp((after ?? before!).App) : [])
        .Watches(caches.Apps, OnApp)
        .Watches(caches.Spaces, (before, after) => SpaceChanges.Matters(before, after, options) ? InNamespace((after ?? before!).Metadata.Name) : [])
        .Watches(caches.Namespaces, (before, after) => SpaceChanges.Matters(before, after) ? InNamespace((after ?? before!).Metadata.Name) : []);

    private static IEnumerable<ObjectKey> OnPod(PodFacts pod) => pod.Dyno is { } dyno ? [new ObjectKey(pod.Namespace, dyno)] : [];

    /// <summary>A one-off that names no release waits for the first one to go out.</summary>
    private IEnumerable<ObjectKey> OnApp(App? before, App? after)
    {
        var key = new ObjectKey((after ?? before!).Metadata.NamespaceProperty, (after ?? before!).Metadata.Name);
        return before is null || after is null || (before.Status?.Release is null && after.Status?.Release is not null) ? OfApp(key) : [];
    }

    private IEnumerable<ObjectKey> OfApp(ObjectKey app) =>
        caches.Dynos.Store.ByIndex(Indexes.App, ClusterCaches.Joined(app.Namespace, app.Name)).Select(dyno => new ObjectKey(app.Namespace, dyno.Metadata.Name));

    private IEnumerable<ObjectKey> InNamespace(string ns) =>
        caches.Dynos.Store.ByIndex(Indexes.Namespace, ns).Select(dyno => new ObjectKey(ns, dyno.Metadata.Name));
}
