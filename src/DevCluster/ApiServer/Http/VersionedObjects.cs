using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Http;

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
