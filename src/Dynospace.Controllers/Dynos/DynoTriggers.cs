using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Reconciling;
using Dynospace.Planning.Options;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using k8s.Models;

namespace Dynospace.Controllers.Dynos;

/// <summary>
/// Which changes affect which Dynos: one function for each kind of object, from before and after to keys.
/// </summary>
/// <param name="dynos">All Dynos, by namespace and app.</param>
public sealed class DynoTriggers(IStore<Dyno> dynos, PlatformOptions options)
{
    /// <summary>A status that another client wrote is corrected, without hurry.</summary>
    private static readonly TimeSpan StatusSettle = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A pod is created, bound, started and ready in quick succession: one status for all of it is enough, and pods of
    /// other dynos that have still to be created come first.
    /// </summary>
    private static readonly TimeSpan PodSettle = TimeSpan.FromMilliseconds(100);

    public static Controller Wire(Controller controller, ClusterCaches caches, PlatformOptions options)
    {
        var triggers = new DynoTriggers(caches.Dynos.Store, options);
        return controller
            .ForSpec(caches.Dynos, StatusSettle)
            .Watches(caches.Pods, OnPod)
            .Watches(caches.Pods, OnPodStatus, PodSettle)
            .Watches(caches.Nodes, (before, after) => OnNode(before, after, caches.Pods.Store))
            .Watches(caches.NodeNetworks, (before, after) => OnBlock(before, after, caches.Pods.Store.List), PodSettle)
            .Watches(caches.Releases, triggers.OnRelease)
            .Watches(caches.Apps, triggers.OnApp)
            .Watches(caches.Spaces, triggers.OnSpace)
            .Watches(caches.Namespaces, triggers.OnNamespace);
    }

    /// <summary>A pod that has ended, is being deleted or is gone may need a successor.</summary>
    public static IEnumerable<ObjectKey> OnPod(PodFacts? before, PodFacts? after) =>
        CanWait(after) ? [] : DynoOf((after ?? before)!);

    /// <summary>Any other change of a pod calls for a status and no more.</summary>
    public static IEnumerable<ObjectKey> OnPodStatus(PodFacts? before, PodFacts? after) =>
        CanWait(after) ? DynoOf(after!) : [];

    /// <summary>The dynos of a node whose draining begins or ends. Rare enough to scan all pods.</summary>
    public static IEnumerable<ObjectKey> OnNode(NodeState? before, NodeState? after, IStore<PodFacts> pods) =>
        before is not null && after is not null && before.IsCordoned != after.IsCordoned
            ? pods.List().Where(pod => pod.Node == after.Name).SelectMany(DynoOf)
            : [];

    /// <summary>
    /// The dynos of a node whose block appeared, changed or was given up: their subnets are part of it.
    /// </summary>
    public static IEnumerable<ObjectKey> OnBlock(
        NodeNetworkState? before, NodeNetworkState? after, Func<IEnumerable<PodFacts>> pods) =>
        before?.Block != after?.Block
            ? pods().Where(pod => pod.Node == (after ?? before)!.Name).SelectMany(DynoOf)
            : [];

    public IEnumerable<ObjectKey> OnRelease(StoredRelease? before, StoredRelease? after) =>
        before is null || after is null ? OfApp((after ?? before)!.App) : [];

    /// <summary>A one-off that names no release waits for the app's first one to go out.</summary>
    public IEnumerable<ObjectKey> OnApp(App? before, App? after)
    {
        var app = (after ?? before)!;
        return before is null || after is null || (before.Status?.Release is null && after.Status?.Release is not null)
            ? OfApp(new ObjectKey(app.Metadata.NamespaceProperty, app.Metadata.Name))
            : [];
    }

    public IEnumerable<ObjectKey> OnSpace(Space? before, Space? after) =>
        SpaceChanges.MattersToDynos(before, after, options) ? InNamespace((after ?? before)!.Metadata.Name) : [];

    public IEnumerable<ObjectKey> OnNamespace(V1Namespace? before, V1Namespace? after) =>
        SpaceChanges.Matters(before, after) ? InNamespace((after ?? before)!.Metadata.Name) : [];

    private static bool CanWait(PodFacts? after) => after is { HasEnded: false, IsTerminating: false };

    private static IEnumerable<ObjectKey> DynoOf(PodFacts pod) =>
        pod.Dyno is { } dyno ? [new ObjectKey(pod.Namespace, dyno)] : [];

    private IEnumerable<ObjectKey> OfApp(ObjectKey app) =>
        dynos.ByIndex(Indexes.App, ClusterCaches.Joined(app.Namespace, app.Name)).Select(KeyOf);

    private IEnumerable<ObjectKey> InNamespace(string ns) => dynos.ByIndex(Indexes.Namespace, ns).Select(KeyOf);

    private static ObjectKey KeyOf(Dyno dyno) => new(dyno.Metadata.NamespaceProperty, dyno.Metadata.Name);
}
