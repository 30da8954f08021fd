using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace Dynospace.Runtime.Applying;

/// <summary>Makes live objects of the JSON that an informer or an answer holds.</summary>
internal static class LiveObjectReader
{
    public static LiveObject Read(ResourceKind kind, JsonElement element, bool keepContent, StringPool strings)
    {
        var metadata = JsonMembers.Child(element, "metadata", JsonValueKind.Object)
            ?? throw new JsonException($"A {kind.Kind} has no metadata.");
        var name = JsonMembers.Text(metadata, "name") ?? throw new JsonException($"A {kind.Kind} has no metadata.name.");
        var key = new ObjectKey(strings.Get(metadata, "namespace"), name);
        return LiveObject.FromBytes(
            new ObjectReference(kind, key), ReadMetadata(metadata, strings), keepContent ? Trim(element) : null);
    }

    private static LiveMetadata ReadMetadata(JsonElement metadata, StringPool strings)
    {
        var controller = JsonMembers.Items(metadata, "ownerReferences")
            .FirstOrDefault(o => JsonMembers.Child(o, "controller", JsonValueKind.True) is not null);
        var isControlled = controller.ValueKind == JsonValueKind.Object;
        return new LiveMetadata
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
        };
    }

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
