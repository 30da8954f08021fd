using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Storage;

/// <summary>One immutable version of an object. Clone <see cref="Content"/> before changing it.</summary>
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
    /// The object in its storage version with complete metadata (uid, resourceVersion, managedFields). Never modify it.
    /// </summary>
    public JsonObject Content { get; }

    /// <summary>The serialized object, cached because every list and watch sends the same bytes.</summary>
    public ReadOnlyMemory<byte> Utf8 => _utf8 ??= JsonSerializer.SerializeToUtf8Bytes(Content, RelaxedJson.Options);

    public JsonObject CloneContent() => Content.DeepClone().AsObject();
}
