using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Reads and writes field sets in <c>managedFields[].fieldsV1</c>. The JSON is kept as text behind one node: often it
/// is larger than the object itself, is copied with every write and is rarely inspected.
/// </summary>
internal static class FieldSetJson
{
    private const string Self = ".";
    private const int MaxDepth = 512;

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth, SkipValidation = true };

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    // The next write of a stored object reads the set that the last one wrote. Weak: a set lives as long as its JSON.
    private static readonly ConditionalWeakTable<JsonObject, FieldSet> Written = [];

    /// <summary>
    /// Reads the store's JSON, which is never modified; a set written by this process is not parsed again.
    /// </summary>
    public static FieldSet ReadStored(JsonObject json) => Written.TryGetValue(json, out var set) ? set : Read(json);

    public static FieldSet Read(JsonObject json)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteTo(writer);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan, ReaderOptions);
        reader.Read();
        return Read(ref reader, out _);
    }

    public static JsonObject Write(FieldSet set)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(set, isMember: false, writer);
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan, ReaderOptions);
        var json = JsonObject.Create(JsonElement.ParseValue(ref reader))!;
        Written.Add(json, set);
        return json;
    }

    /// <summary>A copy that is associated with the same set.</summary>
    public static JsonObject Copy(JsonObject json, FieldSet set)
    {
        var copy = json.DeepClone().AsObject();
        Written.Add(copy, set);
        return copy;
    }

    private static FieldSet Read(ref Utf8JsonReader reader, out bool hasSelf)
    {
        var set = new FieldSet();
        hasSelf = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSelf = reader.ValueTextEquals(Self);
            hasSelf |= isSelf;
            var element = isSelf ? null : Element(ref reader);
            reader.Read();
            if (element is null || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
            }

            if (element is { } found)
            {
                // An entry without content stands for the element itself.
                var isMember = true;
                var children = reader.TokenType == JsonTokenType.StartObject ? Read(ref reader, out isMember) : null;
                set.Add(found, isMember || children is null or { IsEmpty: true }, children);
            }
        }

        return set;
    }

    private static PathElement? Element(ref Utf8JsonReader reader) =>
        PathElement.Parse(reader.ValueIsEscaped ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan));

    private static void Write(FieldSet set, bool isMember, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (isMember)
        {
            writer.WriteStartObject(Self);
            writer.WriteEndObject();
        }

        foreach (var entry in set.Entries)
        {
            writer.WritePropertyName(entry.Element.Serialize());
            if (entry.Children is { } children)
            {
                Write(children, entry.IsMember, writer);
            }
            else
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }
        }

        writer.WriteEndObject();
    }
}

/// <summary>
/// Formats scalars as Go's encoding/json. Path elements are compared by this text, also with those computed by Go
/// clients, so the escapes must be Go's.
/// </summary>
internal static class CanonicalJson
{
    public static string Scalar(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.TryGetValue(out string? text) => GoText.JsonString(text),
        _ when value.GetValueKind() == JsonValueKind.Number => Number(value),
        _ => value.ToJsonString(),
    };

    /// <summary>A whole number has one canonical form.</summary>
    private static string Number(JsonNode value)
    {
        var text = value.ToJsonString();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : text;
    }
}
