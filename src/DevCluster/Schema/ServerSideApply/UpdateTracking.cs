using System.Text.Json.Nodes;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Ownership of what is written by other means than apply: a writer that changes a field takes it from all others.
/// </summary>
internal static class UpdateTracking
{
    public static void Track(JsonObject? old, JsonObject updated, WriteContext write)
    {
        EmptyMetadata.Remove(updated);
        var managed = Requested(old, updated, write.Subresource);

        // Written again below. Nobody owns it, so the comparison need not unfold it.
        (updated["metadata"] as JsonObject)?.Remove("managedFields");

        // An existing object that nobody tracks stays so until a user applies it.
        if (old is null || !managed.IsEmpty)
        {
            TakeChanges(managed, old ?? [], updated, write);
        }

        managed.WriteTo(updated);
    }

    public static void TakeChanges(ManagedFields managed, JsonObject old, JsonObject updated, WriteContext write)
    {
        var difference = ObjectComparer.Compare(old, updated, write.Schema)
            .Without(OwnershipScope.ResetFields(write.Subresource, write.HasStatus));
        managed.TakeFromOthers(difference.Changed, null);
        managed.TakeFromOthers(difference.Removed, null);
        var entry = write.Entry(
            isApply: false, (string?)updated["apiVersion"], difference.Changed.Except(OwnershipScope.NeverOwned));
        if (entry.Fields.IsEmpty)
        {
            return;
        }

        managed.Set(
            managed.Find(entry) is { } previous ? entry with { Fields = entry.Fields.Union(previous.Fields) } : entry);
        managed.CapUpdateManagers();
    }

    /// <summary>
    /// The owners to start from: a client may rewrite them through the object itself, never through a subresource.
    /// </summary>
    private static ManagedFields Requested(JsonObject? old, JsonObject updated, string? subresource)
    {
        if (string.IsNullOrEmpty(subresource) && updated["metadata"]?["managedFields"] is JsonArray wanted)
        {
            if (wanted is [] or [JsonObject { Count: 0 }])
            {
                return new();
            }

            if (ManagedFields.TryRead(wanted, out var requested))
            {
                return requested;
            }
        }

        return ManagedFields.TryRead(old?["metadata"]?["managedFields"], out var existing, isStored: true)
            ? existing
            : new();
    }
}
