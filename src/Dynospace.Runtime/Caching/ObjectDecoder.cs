using System.Text.Json;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Runtime.Caching;

/// <summary>The one place where JSON becomes a cached value.</summary>
internal sealed class ObjectDecoder<T>(
    ResourceKind kind,
    Func<JsonElement, T>? decode,
    Func<V1ManagedFieldsEntry, V1ManagedFieldsEntry?>? keepManager = null)
    where T : class
{
    /// <summary>
    /// Only the resource version of a bookmark is read, since its object lacks members that a class may require.
    /// </summary>
    public static string VersionOf(JsonElement element) =>
        JsonMembers.Child(element, "metadata", JsonValueKind.Object) is { } metadata
        && JsonMembers.Text(metadata, "resourceVersion") is { Length: > 0 } version
            ? version
            : throw new UndecodableEventException("An object of the watch has no metadata.resourceVersion.");

    /// <summary>
    /// The name alone, for objects that are gone or cannot be decoded; null when not even that can be read.
    /// </summary>
    public static ObjectKey? TryReadKey(JsonElement element) =>
        JsonMembers.Child(element, "metadata", JsonValueKind.Object) is { } metadata
        && JsonMembers.Text(metadata, "name") is { Length: > 0 } name
            ? new ObjectKey(StringPool.Shared.Get(metadata, "namespace"), name)
            : null;

    /// <exception cref="UndecodableEventException">The JSON does not fit.</exception>
    public (ObjectKey Key, StoredObject<T> Object) Decode(JsonElement element)
    {
        var key = TryReadKey(element) ?? throw new UndecodableEventException($"A {kind.Kind} has no metadata.name.");
        try
        {
            var value = decode is null ? DecodeTyped(element) : decode(element);
            return (SharedKey(value) ?? key, new StoredObject<T>(value, new ResourceVersion(VersionOf(element))));
        }
        catch (Exception e) when (e is not UndecodableEventException)
        {
            // A decoder may throw anything; nothing of it may end the informer.
            throw new UndecodableEventException($"{kind.Kind} {key} cannot be decoded: {e.GetType().Name}.", e);
        }
    }

    private T DecodeTyped(JsonElement element)
    {
        var value = JsonObjects.To<T>(element);
        if (value is IKubernetesObject typed)
        {
            // Lists of built-in kinds omit these in their items.
            typed.ApiVersion = kind.ApiVersion;
            typed.Kind = kind.Kind;
        }

        if (value is IMetadata<V1ObjectMeta> { Metadata: { } metadata })
        {
            ShareTexts(metadata);
        }

        return value;
    }

    /// <summary>The key made of the value's own strings, so that they are held once.</summary>
    private static ObjectKey? SharedKey(T value) => value switch
    {
        IMetadata<V1ObjectMeta> { Metadata: { Name: not null } metadata } =>
            new ObjectKey(metadata.NamespaceProperty, metadata.Name),
        LiveObject live => live.Key,
        _ => null,
    };

    private void ShareTexts(V1ObjectMeta metadata)
    {
        metadata.ManagedFields = keepManager is null || metadata.ManagedFields is null
            ? null
            : [.. metadata.ManagedFields.Select(keepManager).OfType<V1ManagedFieldsEntry>()];
        metadata.NamespaceProperty = StringPool.Shared.Get(metadata.NamespaceProperty);
        metadata.GenerateName = StringPool.Shared.Get(metadata.GenerateName);
        metadata.Labels = Share(metadata.Labels);
        metadata.Annotations = Share(metadata.Annotations);
        foreach (var owner in metadata.OwnerReferences ?? [])
        {
            owner.ApiVersion = StringPool.Shared.Get(owner.ApiVersion);
            owner.Kind = StringPool.Shared.Get(owner.Kind);
            owner.Name = StringPool.Shared.Get(owner.Name);
            owner.Uid = StringPool.Shared.Get(owner.Uid);
        }
    }

    private static Dictionary<string, string>? Share(IDictionary<string, string>? map)
    {
        if (map is null)
        {
            return null;
        }

        var shared = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (name, value) in map)
        {
            shared[StringPool.Shared.Get(name)] = StringPool.Shared.Get(value);
        }

        return shared;
    }
}
