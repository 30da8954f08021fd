using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Moves an object between the versions that serve it. A custom resource's versions differ in apiVersion alone
/// (conversion strategy None); events exist under two names for the same fields.
/// </summary>
internal static class VersionConversion
{
    private static readonly (string Core, string Grouped)[] Names =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    /// <summary>Edits the given content to be of the wanted definition's version.</summary>
    public static JsonObject Convert(JsonObject content, ResourceDefinition wanted)
    {
        content["apiVersion"] = wanted.ApiVersion;
        if (wanted.StorageId is { Group: "", Plural: "events" })
        {
            foreach (var (core, grouped) in Names)
            {
                var (from, to) = wanted.Id.Group.Length == 0 ? (grouped, core) : (core, grouped);
                if (content.Remove(from, out var value))
                {
                    content[to] = value;
                }
            }
        }

        return content;
    }
}

/// <summary>Objects in the version that a path serves; what is stored in that version is passed on as it is.</summary>
internal sealed class VersionedObjects(ResourceDefinition definition)
{
    public ReadOnlyMemory<byte> Utf8(StoredObject stored) =>
        IsStoredSo(stored) ? stored.Utf8 : JsonSerializer.SerializeToUtf8Bytes(Content(stored), RelaxedJson.Options);

    /// <summary>The content, not to be modified.</summary>
    public JsonObject Content(StoredObject stored) =>
        IsStoredSo(stored) ? stored.Content : VersionConversion.Convert(stored.CloneContent(), definition);

    private bool IsStoredSo(StoredObject stored) =>
        definition.StoredAs is null && (string?)stored.Content["apiVersion"] == definition.ApiVersion;
}
