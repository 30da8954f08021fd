using Dynospace.Api.Apps;
using Dynospace.Controllers.Caching;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Control;

namespace Dynospace.Controllers.Dynos;

/// <summary>Which changes concern which Dynos.</summary>
internal sealed class DynoTriggers(ClusterCaches caches, PlatformOptions options)
{
    /// <summary>A status that somebody else wrote is put right, which has time.</summary>
    private static readonly TimeSpan StatusSettle = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A pod comes to be, is bound, starts and is ready in quick succession: one status for it all is enough, and pods of other dynos
    /// that are still to be made come first.
    /// </summary>
    private static readonly TimeSpan PodSettle = TimeSpan.FromMilliseconds(100);

    public Controller Wire(Controller controller) => controller
        .ForSpec(caches.Dynos, StatusSettle)
        .Watches(caches.Pods, (before, after) => CanWait(after) ? [] : OnPod(after ?? before!))
        .Watches(caches.Pods, (before, after) => CanWait(after) ? OnPod(after!) : [], PodSettle)
        .Watches(caches.Releases, (before, after) => before is null || after is null ? OfApp((after ?? before!).App) : [])
        .Watches(caches.Apps, OnApp)
        .Watches(caches.Spaces, (before, after) => SpaceChanges.Matters(before, after, options) ? InNamespace((after ?? before!).Metadata.Name) : [])
        .Watches(caches.Namespaces, (before, after) => SpaceChanges.Matters(before, after) ? InNamespace((after ?? before!).Metadata.Name) : []);

    /// <summary>Whether a pod's change calls for no more than a status. One that ends, goes or is gone may need another in its place.</summary>
    internal static bool CanWait(PodFacts? after) => after is { HasEnded: false, IsTerminating: false };

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
