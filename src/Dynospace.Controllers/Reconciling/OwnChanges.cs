using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Control;
using k8s;
using k8s.Models;

namespace Dynospace.Controllers.Reconciling;

/// <summary>Changes of the objects that a controller reconciles.</summary>
public static class OwnChanges
{
    /// <summary>
    /// Reconciles an object at once when it changes, and after a while when nothing but its status did. That is usually
    /// our own write: if it were handled at once, each status with a sum over children would cause the next while
    /// children start.
    /// </summary>
    public static Controller ForSpec<T>(this Controller controller, IInformer<T> informer, TimeSpan settle)
        where T : class, IKubernetesObject<V1ObjectMeta> => controller
        .Watches(informer, (before, after) => IsStatusOnly(before, after) ? [] : [KeyOf(after ?? before!)])
        .Watches(informer, (before, after) => IsStatusOnly(before, after) ? [KeyOf(after!)] : [], settle);

    public static bool IsStatusOnly(IKubernetesObject<V1ObjectMeta>? before, IKubernetesObject<V1ObjectMeta>? after) =>
        before is not null && after is not null
        && before.Metadata.Uid == after.Metadata.Uid
        && before.Metadata.Generation == after.Metadata.Generation
        && before.Metadata.DeletionTimestamp == after.Metadata.DeletionTimestamp
        && SameMap(before.Metadata.Labels, after.Metadata.Labels)
        && SameMap(before.Metadata.Annotations, after.Metadata.Annotations)
        && (before.Metadata.Finalizers ?? []).SequenceEqual(after.Metadata.Finalizers ?? [])
        && (before.Metadata.OwnerReferences ?? []).Select(owner => owner.Uid)
            .SequenceEqual((after.Metadata.OwnerReferences ?? []).Select(owner => owner.Uid));

    private static bool SameMap(IDictionary<string, string>? before, IDictionary<string, string>? after) =>
        (before?.Count ?? 0) == (after?.Count ?? 0)
        && (before is null
            || before.All(entry => after!.TryGetValue(entry.Key, out var value) && value == entry.Value));

    private static ObjectKey KeyOf(IKubernetesObject<V1ObjectMeta> value) =>
        new(value.Metadata.NamespaceProperty, value.Metadata.Name);
}
