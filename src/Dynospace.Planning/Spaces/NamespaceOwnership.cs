using Dynospace.Api;
using Dynospace.Api.Spaces;

namespace Dynospace.Planning.Spaces;

/// <summary>
/// Whose a namespace is. The UID decides, not the name or a label that anybody may have written. A namespace with the adoption
/// annotation is used but never deleted, whoever made it: the annotation also protects one that the operator made.
/// </summary>
internal static class NamespaceOwnership
{
    public static bool IsOwned(NamespaceFacts found, Space space) =>
        space.Metadata.Uid is { Length: > 0 } uid && found.Annotations.TryGetValue(Annotations.SpaceUid, out var owner) && owner == uid;

    public static bool IsAdoptable(NamespaceFacts found, Space space) =>
        found.Annotations.TryGetValue(Annotations.Adopt, out var adopter) && adopter == space.Metadata.Name;
}
