using System.Text.Json.Nodes;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Metadata has no empty lists and maps: decoding an object drops them, and an empty one must be no change.
/// </summary>
internal static class EmptyMetadata
{
    private static readonly string[] Containers = ["labels", "annotations", "finalizers", "ownerReferences"];

    public static void Remove(JsonObject obj)
    {
        if (obj["metadata"] is not JsonObject metadata)
        {
            return;
        }

        foreach (var name in Containers)
        {
            if (metadata.TryGetPropertyValue(name, out var value)
                && value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
            {
                metadata.Remove(name);
            }
        }
    }
}
