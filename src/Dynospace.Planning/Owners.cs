using k8s;
using k8s.Models;

namespace Dynospace.Planning;

/// <summary>Who owns whom.</summary>
internal static class Owners
{
    /// <summary>
    /// A reference to the controlling owner, which garbage collection waits for in foreground deletion.
    /// </summary>
    public static V1OwnerReference Of(IKubernetesObject<V1ObjectMeta> owner) =>
        new()
        {
            ApiVersion = owner.ApiVersion,
            Kind = owner.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    public static bool IsControlledBy(IKubernetesObject<V1ObjectMeta> child, IKubernetesObject<V1ObjectMeta> owner)
    {
        if (child.Metadata.OwnerReferences is { } references)
        {
            foreach (var reference in references)
            {
                if (reference.Controller == true && reference.Uid == owner.Metadata.Uid)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
