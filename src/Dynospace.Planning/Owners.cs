using k8s;
using k8s.Models;

namespace Dynospace.Planning;

/// <summary>Owner references of children.</summary>
public static class Owners
{
    /// <summary>A reference to the controlling owner, whose foreground deletion waits for the child.</summary>
    public static V1OwnerReference ReferenceTo(IKubernetesObject<V1ObjectMeta> owner) =>
        new()
        {
            ApiVersion = owner.ApiVersion,
            Kind = owner.Kind,
            Name = owner.Metadata.Name,
            Uid = owner.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };

    /// <summary>Whether the child's controller owner reference names this owner by uid.</summary>
    public static bool IsControlledBy(IKubernetesObject<V1ObjectMeta> child, IKubernetesObject<V1ObjectMeta> owner)
    {
        if (child.Metadata.OwnerReferences is { } references)
        {
            foreach (var reference in references)
            {
                if (reference.Controller == true && reference.Uid == owner.Metadata.Uid && IsKindOf(reference, owner))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Checks the kind, since the API server does not check that it matches the uid. The version is ignored, since
    /// another version of the operator may have written the reference.
    /// </summary>
    private static bool IsKindOf(V1OwnerReference reference, IKubernetesObject<V1ObjectMeta> owner) =>
        reference.Kind == owner.Kind && GroupOf(reference.ApiVersion).SequenceEqual(GroupOf(owner.ApiVersion));

    private static ReadOnlySpan<char> GroupOf(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : apiVersion.AsSpan(0, slash);
    }
}
