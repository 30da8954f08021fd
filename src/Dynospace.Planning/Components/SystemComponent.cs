// Components: what the operator itself runs for the platform, as parts that are applied in order.

using Dynospace.Planning.Children;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Components;

// What the operator itself runs for the platform: routers, and the DNS of spaces.

/// <summary>
/// A program that the operator runs for the platform: a Deployment or a DaemonSet with all that it needs. Every part
/// bears the label
/// <c>dynospace.dev/component</c> and the uid of its owner, by which it is found and pruned; none has an owner
/// reference, since garbage collection would take the policies before the pods.
/// </summary>
public sealed record SystemComponent
{
    /// <summary>A namespace of its own; null for a component that lives in the system namespace.</summary>
    public V1Namespace? Namespace { get; init; }

    /// <summary>
    /// What must stand before the first pod runs, in the order in which people read it: policies, the account and its
    /// rights, and configuration.
    /// </summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Prerequisites { get; init; } = [];

    /// <summary>
    /// The Deployment or DaemonSet, its disruption budget and its Service. None for a component that only needs rights
    /// here.
    /// </summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Workload { get; init; } = [];

    /// <summary>
    /// The parts of some components as planned objects. The order of the list is for readers; that of the writes is the
    /// stage's.
    /// </summary>
    public static IReadOnlyList<PlannedObject> ObjectsOf(IReadOnlyCollection<SystemComponent> components) =>
    [
        .. components.Select(component => component.Namespace).OfType<V1Namespace>().Select(Planned),
        .. components.SelectMany(component => component.Prerequisites).Select(Planned),
        .. components.SelectMany(component => component.Workload).Select(Planned),
    ];

    /// <summary>
    /// The deletion of every observed part that is not planned. Pods go before the policies that fence them and the
    /// rights that they use.
    /// </summary>
    public static IReadOnlyList<PlannedDeletion> Prune(
        IEnumerable<ObservedChild> observed, IReadOnlyCollection<PlannedObject> planned, string ownerUid) =>
        [
            .. Pruning.Unplanned(observed, planned, ownerUid)
                .OrderBy(deletion => deletion.Child.Kind is not ("Deployment" or "DaemonSet")),
        ];

    private static PlannedObject Planned(IKubernetesObject<V1ObjectMeta> part) => new(part)
    {
        Stage = (int)StageOf(part),
        HasOwnerReference = false,
        Guard = part is V1Service or V1NetworkPolicy or V1Namespace ? ChildGuard.TrustCache : ChildGuard.ReadFirst,
    };

    private static Stage StageOf(IKubernetesObject<V1ObjectMeta> part) => part switch
    {
        V1Namespace => Stage.Namespace,
        V1RoleBinding or V1ClusterRoleBinding => Stage.Bindings,
        V1Service or V1PodDisruptionBudget or V1Deployment or V1DaemonSet => Stage.Workload,
        _ => Stage.Prerequisites,
    };

    private enum Stage
    {
        Namespace,
        Prerequisites,

        // The API server looks into the role that is bound.
        Bindings,

        Workload,
    }
}
