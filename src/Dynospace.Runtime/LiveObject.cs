using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Dynospace.Runtime;

/// <summary>
/// A cached object with what the applier needs: who owns it, what was applied, and its content where drift must be
/// noticed. It is either a cache's value itself (see <see cref="Decode"/>) or a view of a typed one (see <see
/// cref="FromObject"/>).
/// </summary>
public sealed class LiveObject
{
    private readonly Func<JsonObject>? _content;

    /// <param name="source">The cached instance that it is a view of; null if it is cached itself.</param>
    /// <param name="content">Reads the content; null where it is not kept.</param>
    internal LiveObject(ObjectReference reference, object? source, Func<JsonObject>? content)
    {
        Reference = reference;
        Source = source ?? this;
        _content = content;
    }

    /// <summary>Which object.</summary>
    public ObjectReference Reference { get; }

    /// <summary>Its kind.</summary>
    public ResourceKind Kind => Reference.Kind;

    /// <summary>Its name.</summary>
    public ObjectKey Key => Reference.Key;

    /// <summary>Its uid.</summary>
    public required string Uid { get; init; }

    /// <summary>The version that was read.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Whether it is being deleted.</summary>
    public bool IsTerminating { get; init; }

    /// <summary>The uid of the owner that controls it, if any.</summary>
    public string? ControllerUid { get; init; }

    /// <summary>The kind and name of the owner that controls it, for people.</summary>
    public string? ControllerName { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Its annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Its finalizers.</summary>
    public IReadOnlyList<string> Finalizers { get; init; } = [];

    /// <summary>The fields that other managers added to its spec; empty where they are not tracked.</summary>
    public IReadOnlyList<ForeignField> ForeignFields { get; init; } = [];

    /// <summary>Whether its content is known; without it only the hash of what was applied is compared.</summary>
    public bool HasContent => _content is not null;

    /// <summary>
    /// The cached instance of the object; results of comparisons are remembered as long as the cache holds it.
    /// </summary>
    internal object Source { get; }

    /// <summary>Makes a live object while an informer decodes JSON. managedFields and status are left out.</summary>
    /// <param name="keepContent">
    /// Whether drift must be noticed. For objects whose spec cannot change, such as pods, the hash is enough.
    /// </param>
    /// <param name="strings">Shares the texts that many objects repeat.</param>
    /// <param name="fieldManager">
    /// The operator's own field manager, if fields of other managers must be noticed; null otherwise.
    /// </param>
    public static LiveObject Decode(
        ResourceKind kind,
        JsonElement element,
        bool keepContent = true,
        StringPool? strings = null,
        string? fieldManager = null) =>
        LiveObjectReader.Read(kind, element, keepContent, strings ?? StringPool.Shared, fieldManager);

    /// <summary>Makes a view of a typed object of a cache.</summary>
    public static LiveObject FromObject(ResourceKind kind, IKubernetesObject<V1ObjectMeta> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var metadata = value.Metadata;
        var controller = metadata.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        return new LiveObject(
            new ObjectReference(kind, new ObjectKey(metadata.NamespaceProperty, metadata.Name)), value, () =>
                JsonObjects.From(value))
        {
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            IsTerminating = metadata.DeletionTimestamp is not null,
            ControllerUid = controller?.Uid,
            ControllerName = controller is null ? null : $"{controller.Kind} {controller.Name}",
            Labels = ReadOnly(metadata.Labels),
            Annotations = ReadOnly(metadata.Annotations),
            Finalizers = metadata.Finalizers is null ? [] : [.. metadata.Finalizers],
        };
    }

    /// <summary>The content, parsed at each call, since it is read rarely and kept for long.</summary>
    /// <exception cref="InvalidOperationException">It is not known.</exception>
    public JsonObject ReadContent() =>
        _content?.Invoke() ?? throw new InvalidOperationException(
            $"The cache does not keep the content of {Reference}.");

    /// <inheritdoc/>
    public override string ToString() => $"{Reference} ({ResourceVersion})";

    private static IReadOnlyDictionary<string, string> ReadOnly(IDictionary<string, string>? map) => map switch
    {
        null => FrozenDictionary<string, string>.Empty,
        IReadOnlyDictionary<string, string> same => same,
        _ => new Dictionary<string, string>(map),
    };
}

/// <summary>Makes live objects of the JSON that an informer or an answer holds.</summary>
internal static class LiveObjectReader
{
    public static LiveObject Read(
        ResourceKind kind, JsonElement element, bool keepContent, StringPool strings, string? fieldManager)
    {
        var metadata = JsonMembers.Child(element, "metadata", JsonValueKind.Object)
            ?? throw new JsonException($"A {kind.Kind} has no metadata.");
        var name = JsonMembers.Text(
            metadata, "name") ?? throw new JsonException($"A {kind.Kind} has no metadata.name.");
        var key = new ObjectKey(strings.Get(metadata, "namespace"), name);
        var controller = JsonMembers.Items(metadata, "ownerReferences")
            .FirstOrDefault(o => JsonMembers.Child(o, "controller", JsonValueKind.True) is not null);
        var isControlled = controller.ValueKind == JsonValueKind.Object;
        return new LiveObject(new ObjectReference(kind, key), null, keepContent ? Parser(Trim(element)) : null)
        {
            Uid = JsonMembers.Text(metadata, "uid") ?? "",
            ResourceVersion = JsonMembers.Text(metadata, "resourceVersion") ?? "",
            IsTerminating = JsonMembers.Text(metadata, "deletionTimestamp") is not null,
            ControllerUid = isControlled ? strings.Get(controller, "uid") : null,
            ControllerName = isControlled
                ? strings.Get($"{JsonMembers.Text(controller, "kind")} {JsonMembers.Text(controller, "name")}")
                : null,
            Labels = ReadMap(metadata, "labels", strings),
            Annotations = ReadMap(metadata, "annotations", strings),
            Finalizers = [.. JsonMembers.Items(metadata, "finalizers").Select(f => strings.Get(f.GetString() ?? ""))],
            ForeignFields = fieldManager is null ? [] : Runtime.ForeignFields.FromMetadata(metadata, fieldManager),
        };
    }

    /// <summary>
    /// The closure holds only the bytes, so that each of thousands of objects costs no more than its JSON.
    /// </summary>
    private static Func<JsonObject> Parser(byte[] content) => () => (JsonObject)JsonNode.Parse(content)!;

    private static IReadOnlyDictionary<string, string> ReadMap(JsonElement metadata, string name, StringPool strings)
    {
        if (JsonMembers.Child(metadata, name, JsonValueKind.Object) is not { } map)
        {
            return FrozenDictionary<string, string>.Empty;
        }

        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in map.EnumerateObject())
        {
            result[strings.Get(member.Name)] = strings.Get(member.Value.GetString() ?? "");
        }

        result.TrimExcess();
        return result;
    }

    private static byte[] Trim(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in element.EnumerateObject().Where(m => m.Name != "status"))
            {
                writer.WritePropertyName(member.Name);
                if (member.Name == "metadata" && member.Value.ValueKind == JsonValueKind.Object)
                {
                    WriteWithout(writer, member.Value, "managedFields");
                }
                else
                {
                    member.Value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteWithout(Utf8JsonWriter writer, JsonElement element, string name)
    {
        writer.WriteStartObject();
        foreach (var member in element.EnumerateObject().Where(m => m.Name != name))
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
