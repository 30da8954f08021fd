using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynospace.Runtime.Applying;

/// <summary>A desired object as it is sent to the server.</summary>
/// <param name="Desired">What was asked for.</param>
/// <param name="Content">The content with the applier's marks and without fields that the server sets.</param>
/// <param name="Hash">The value of the hash annotation.</param>
internal sealed record PreparedObject(DesiredObject Desired, JsonObject Content, string Hash)
{
    public ObjectReference Reference { get; } = new(Desired.Kind, Desired.Key);
}

/// <summary>Pure: marks a desired object as its owner's and removes what an apply must not claim.</summary>
internal static class ObjectPreparation
{
    /// <summary>
    /// Members of metadata that the server sets. A resource version would make the apply conditional, and managedFields
    /// are refused.
    /// </summary>
    private static readonly string[] ServerMetadata =
    [
        "managedFields", "resourceVersion", "uid", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generation", "selfLink",
    ];

    private const int HashBytes = 12;

    public static PreparedObject Prepare(DesiredObject desired, OwnerIdentity owner, ApplierOptions options)
    {
        var content = WithoutNulls(desired.Content);
        content["apiVersion"] = desired.Kind.ApiVersion;
        content["kind"] = desired.Kind.Kind;
        content.Remove("status");
        var metadata = content["metadata"]!.AsObject();
        foreach (var name in ServerMetadata)
        {
            metadata.Remove(name);
        }

        Map(metadata, "labels")[options.OwnerUidLabel] = owner.Uid;
        if (desired.SetOwnerReference && MayOwn(owner, desired))
        {
            AddOwner(metadata, owner);
        }

        if (metadata["annotations"] is JsonObject annotations && annotations.Remove(
            options.HashAnnotation) && annotations.Count == 0)
        {
            metadata.Remove("annotations");
        }

        var hash = HashOf(content);
        Map(metadata, "annotations")[options.HashAnnotation] = hash;
        return new PreparedObject(desired, content, hash);
    }

    /// <summary>A copy without null members: null claims a field, and absent means "no opinion".</summary>
    public static JsonObject WithoutNulls(JsonObject content)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in content)
        {
            if (value is not null)
            {
                copy[name] = WithoutNulls(value);
            }
        }

        return copy;
    }

    private static JsonNode WithoutNulls(JsonNode node) => node switch
    {
        JsonObject o => WithoutNulls(o),
        JsonArray a => new JsonArray([.. a.Select(item => item is null ? null : WithoutNulls(item))]),
        _ => node.DeepClone(),
    };

    /// <summary>Owner references cannot cross namespaces, nor lead from a namespace to the cluster.</summary>
    private static bool MayOwn(OwnerIdentity owner, DesiredObject desired) =>
        owner.Key.Namespace is null || owner.Key.Namespace == desired.Key.Namespace;

    private static void AddOwner(JsonObject metadata, OwnerIdentity owner)
    {
        if (metadata["ownerReferences"] is not JsonArray references)
        {
            metadata["ownerReferences"] = references = [];
        }

        if (references.Any(r => r?["uid"]?.GetValue<string>() == owner.Uid))
        {
            return;
        }

        references.Add(new JsonObject
        {
            ["apiVersion"] = owner.Kind.ApiVersion,
            ["kind"] = owner.Kind.Kind,
            ["name"] = owner.Key.Name,
            ["uid"] = owner.Uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
    }

    private static JsonObject Map(JsonObject metadata, string name)
    {
        if (metadata[name] is not JsonObject map)
        {
            metadata[name] = map = [];
        }

        return map;
    }

    /// <summary>Equal for equal contents, whatever the order of their members.</summary>
    private static string HashOf(JsonObject content)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            WriteSorted(writer, content);
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.WrittenSpan, hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }

    private static void WriteSorted(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                writer.WriteStartObject();
                foreach (var (name, value) in o.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    WriteSorted(writer, value);
                }

                writer.WriteEndObject();
                break;
            case JsonArray a:
                writer.WriteStartArray();
                foreach (var item in a)
                {
                    WriteSorted(writer, item);
                }

                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
