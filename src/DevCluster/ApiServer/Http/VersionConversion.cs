using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Converts an object between served versions. Versions of a custom resource differ only in apiVersion (conversion
/// strategy None); events have two names for the same fields.
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

    /// <summary>Converts the given content in place to the version of the requested definition.</summary>
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

/// <summary>Objects in the version of a path; objects stored in that version are returned unchanged.</summary>
internal sealed class VersionedObjects(ResourceDefinition definition)
{
    public ReadOnlyMemory<byte> Utf8(StoredObject stored) =>
        IsStoredSo(stored) ? stored.Utf8 : JsonSerializer.SerializeToUtf8Bytes(Content(stored), RelaxedJson.Options);

    /// <summary>The content, which must not be modified.</summary>
    public JsonObject Content(StoredObject stored) =>
        IsStoredSo(stored) ? stored.Content : VersionConversion.Convert(stored.CloneContent(), definition);

    private bool IsStoredSo(StoredObject stored) =>
        definition.StoredAs is null && (string?)stored.Content["apiVersion"] == definition.ApiVersion;
}
