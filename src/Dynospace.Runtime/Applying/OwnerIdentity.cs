using k8s;
using k8s.Models;

namespace Dynospace.Runtime.Applying;

/// <summary>The object that owns children.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Key">Its name.</param>
/// <param name="Uid">Its uid, which tells it from a namesake that was deleted before.</param>
public sealed record OwnerIdentity(ResourceKind Kind, ObjectKey Key, string Uid)
{
    /// <summary>The identity of an object that was read.</summary>
    public static OwnerIdentity Of(ResourceKind kind, IKubernetesObject<V1ObjectMeta> owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new OwnerIdentity(kind, new ObjectKey(owner.Metadata.NamespaceProperty, owner.Metadata.Name), owner.Metadata.Uid);
    }
}
