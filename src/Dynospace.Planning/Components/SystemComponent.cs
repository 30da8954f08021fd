// Components: the programs that the operator runs for the platform (routers and the DNS of spaces).

using Dynospace.Planning.Children;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Components;

/// <summary>
/// A program that the operator runs for the platform: a Deployment or a DaemonSet with all that it needs. Every part
/// has the label <c>dynospace.dev/component</c> and one with its owner's uid, by which it is found and pruned. None has
/// an owner reference, since garbage collection could delete the policies before the pods.
/// </summary>
public sealed record SystemComponent
{
    /// <summary>A namespace of its own; null for a component that lives in the system namespace.</summary>
    public V1Namespace? Namespace { get; init; }

    /// <summary>
    /// What must exist before the first pod runs: policies, the account and its rights, and configuration. The order is
    /// for readers.
    /// </summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Prerequisites { get; init; } = [];

    /// <summary>
    /// The Deployment or DaemonSet, its disruption budget and its Service; empty for a component that only needs rights
    /// here.
    /// </summary>
    public IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Workload { get; init; } = [];

    /// <summary>
    /// The parts of some components as planned objects. The order of the list is for readers; the stages give the order
    /// of the writes.
    /// </summary>
    public static IReadOnlyList<PlannedObject> ObjectsOf(IReadOnlyCollection<SystemComponent> components) =>
    [
        .. components.Select(component => component.Namespace).OfType<V1Namespace>().Select(Planned),
        .. components.SelectMany(component => component.Prerequisites).Select(Planned),
        .. components.SelectMany(component => component.Workload).Select(Planned),
    ];

    /// <summary>
    /// The deletion of every observed part that is not planned. Pods are deleted before the policies that protect them
    /// and the rights that they use.
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

        // After the roles: the API server checks the role that a binding names.
        Bindings,

        Workload,
    }
}
