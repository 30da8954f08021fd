using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.Simulator.Collection;

/// <summary>Reads and writes the owner references of an object.</summary>
internal static class OwnerReferences
{
    public static IEnumerable<JsonObject> FromObject(StoredObject found) =>
        found.Content.Map("metadata").Items("ownerReferences");

    /// <summary>The reference to the controlling owner; null if there is none.</summary>
    public static JsonObject? Controller(StoredObject found) =>
        FromObject(found).FirstOrDefault(owner => owner.Flag("controller") == true);

    /// <summary>The uid of the controlling owner; null if there is none.</summary>
    public static string? ControllerUid(StoredObject found) => Controller(found).Text("uid");

    public static JsonArray Controlled(StoredObject owner) => new(new JsonObject
    {
        ["apiVersion"] = owner.Content.Text("apiVersion"),
        ["kind"] = owner.Content.Text("kind"),
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    });

    public static void Remove(JsonObject content, IReadOnlySet<string> uids)
    {
        var metadata = content.Ensure("metadata");
        var kept = metadata.Items("ownerReferences").Where(owner => !uids.Contains(owner.Text("uid") ?? "")).ToList();
        if (kept.Count == 0)
        {
            metadata.Remove("ownerReferences");
        }
        else
        {
            metadata["ownerReferences"] = new JsonArray([.. kept.Select(owner => owner.DeepClone())]);
        }
    }
}
