using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Storage;

/// <summary>
/// One version of one object. Immutable: the code that wants to change <see cref="Content"/> clones it first.
/// </summary>
public sealed class StoredObject
{
    private byte[]? _utf8;

    public StoredObject(ResourceId resource, long resourceVersion, JsonObject content)
    {
        Resource = resource;
        ResourceVersion = resourceVersion;
        Content = content;
        var metadata = content["metadata"]!.AsObject();
        Namespace = (string?)metadata["namespace"];
        Name = (string)metadata["name"]!;
        Uid = (string?)metadata["uid"] ?? "";
    }

    public ResourceId Resource { get; }

    public string? Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    /// <summary>The revision of the store that wrote this version.</summary>
    public long ResourceVersion { get; }

    /// <summary>
    /// The object in its storage version, metadata complete (uid, resourceVersion, managedFields). Never mutate it.
    /// </summary>
    public JsonObject Content { get; }

    /// <summary>The serialized object, made once: every list and every watcher sends the same bytes.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= JsonSerializer.SerializeToUtf8Bytes(Content, RelaxedJson.Options);

    public JsonObject CloneContent() => Content.DeepClone().AsObject();
}
