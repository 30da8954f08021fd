// Protobuf: reads protobuf bodies, which kubectl and client-go send for built-in kinds.

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Protobuf;

/// <summary>Decodes built-in kinds from the protobuf form that kubectl and client-go send.</summary>
internal static class ProtobufBodyParser
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="ApiStatusException">400: malformed; 415: protobuf is not supported for the kind.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> body, string expectedKind)
    {
        if (!body.StartsWith(Magic))
        {
            throw ApiErrors.BadRequest(
                $"the object provided is unrecognized (must be of type {expectedKind}): provided data does not appear "
                + $"to be a protobuf message");
        }

        var (apiVersion, kind, raw) = ReadEnvelope(body[Magic.Length..]);
        var message = ProtobufCatalog.Message(apiVersion, kind) ?? throw ApiErrors.UnsupportedMediaType(
            $"kind {kind} of {apiVersion} has no protobuf form here - accepted media types include: application/json, "
            + $"application/yaml");
        var content = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind };
        ReadMessage(raw, message, content, depth: 1);
        return content;
    }

    private static (string ApiVersion, string Kind, byte[] Raw) ReadEnvelope(ReadOnlySpan<byte> data)
    {
        var (apiVersion, kind) = ("", "");
        var raw = Array.Empty<byte>();
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            var (field, wireType) = reader.ReadTag();
            switch (field)
            {
                case 1:
                    var type = new ProtobufReader(reader.ReadBytes());
                    while (!type.IsAtEnd)
                    {
                        var part = type.ReadTag().Field;
                        var text = Encoding.UTF8.GetString(type.ReadBytes());
                        (apiVersion, kind) = part == 1 ? (text, kind) : (apiVersion, text);
                    }

                    break;
                case 2:
                    raw = reader.ReadBytes().ToArray();
                    break;
                default:
                    reader.Skip(wireType);
                    break;
            }
        }

        return (apiVersion, kind, raw);
    }

    private static void ReadMessage(ReadOnlySpan<byte> data, string message, JsonObject into, int depth)
    {
        if (depth > JsonParser.MaxDepth)
        {
            throw ApiErrors.BadRequest($"the object is nested deeper than {JsonParser.MaxDepth} levels");
        }

        var fields = ProtobufCatalog.Fields(message);
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.ReadTag();
            if (!fields.TryGetValue(number, out var field))
            {
                reader.Skip(wireType);
            }
            else if (field.JsonName.Length == 0)
            {
                ReadMessage(reader.ReadBytes(), field.Message, into, depth + 1);
            }
            else if (field.IsMap)
            {
                AddEntry(reader.ReadBytes(), field, Child(into, field.JsonName, () => new JsonObject()), depth);
            }
            else if (field.IsRepeated)
            {
                AddItems(ref reader, wireType, field, Child(into, field.JsonName, () => new JsonArray()), depth);
            }
            else if (ReadValue(ref reader, field, depth) is { } value && !(field.OmitsZero && IsZero(value)))
            {
                into[field.JsonName] = value;
            }
        }
    }

    private static T Child<T>(JsonObject parent, string name, Func<T> create)
        where T : JsonNode
    {
        if (parent[name] is not T child)
        {
            parent[name] = child = create();
        }

        return child;
    }

    private static void AddEntry(ReadOnlySpan<byte> data, ProtobufField field, JsonObject map, int depth)
    {
        var key = "";
        JsonNode? value = field.Type == 'm' ? new JsonObject() : "";
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            if (reader.ReadTag().Field == 1)
            {
                key = Encoding.UTF8.GetString(reader.ReadBytes());
            }
            else
            {
                value = ReadValue(ref reader, field, depth);
            }
        }

        map[key] = value;
    }

    private static void AddItems(
        ref ProtobufReader reader, int wireType, ProtobufField field, JsonArray list, int depth)
    {
        const int LengthDelimited = 2;
        if (field.Type != 'i' || wireType != LengthDelimited)
        {
            list.Add(ReadValue(ref reader, field, depth));
            return;
        }

        var packed = new ProtobufReader(reader.ReadBytes());
        while (!packed.IsAtEnd)
        {
            list.Add((long)packed.ReadVarint());
        }
    }

    private static JsonNode? ReadValue(ref ProtobufReader reader, ProtobufField field, int depth)
    {
        switch (field.Type)
        {
            case 's':
                return Encoding.UTF8.GetString(reader.ReadBytes());
            case 'b':
                return reader.ReadVarint() != 0;
            case 'i':
                return Number((long)reader.ReadVarint());
            case 'f':
                return reader.ReadDouble();
            case 'y':
                return Convert.ToBase64String(reader.ReadBytes());
            case 'm':
                var nested = new JsonObject();
                ReadMessage(reader.ReadBytes(), field.Message, nested, depth + 1);
                return nested;
            case 'O' or 'A' or 'P':
                return ReadSchemaOr(reader.ReadBytes(), field.Type, depth);
            default:
                return ProtobufWellKnown.Read(field.Type, reader.ReadBytes());
        }
    }

    /// <summary>
    /// Reads a schema or its alternative: a boolean (<c>additionalProperties</c>), several schemas (<c>items</c>), or
    /// property names (<c>dependencies</c>).
    /// </summary>
    private static JsonNode? ReadSchemaOr(ReadOnlySpan<byte> data, char alternative, int depth)
    {
        JsonNode? value = alternative == 'O' ? false : new JsonArray();
        JsonObject? schema = null;
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            var (number, wireType) = reader.ReadTag();
            var isSchema = number == (alternative == 'O' ? 2 : 1);
            if (isSchema || (alternative, number) == ('A', 2))
            {
                var nested = new JsonObject();
                ReadMessage(reader.ReadBytes(), ProtobufCatalog.SchemaMessage, nested, depth + 1);
                schema = isSchema ? nested : schema;
                (isSchema ? null : value as JsonArray)?.Add(nested);
            }
            else if ((alternative, number) == ('O', 1))
            {
                value = reader.ReadVarint() != 0;
            }
            else if ((alternative, number) == ('P', 2))
            {
                value!.AsArray().Add(Encoding.UTF8.GetString(reader.ReadBytes()));
            }
            else
            {
                reader.Skip(wireType);
            }
        }

        return schema ?? value;
    }

    private static JsonNode Number(long value) =>
        JsonNumbers.Create(Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    private static bool IsZero(JsonNode value) => value switch
    {
        JsonObject map => map.Count == 0,
        JsonValue scalar when scalar.TryGetValue<string>(out var text) => text.Length == 0,
        JsonValue scalar when scalar.TryGetValue<bool>(out var flag) => !flag,
        JsonValue scalar when scalar.TryGetValue<long>(out var number) => number == 0,
        _ => false,
    };
}

/// <summary>Messages whose JSON form is not an object: times, quantities, int-or-string, raw JSON.</summary>
internal static class ProtobufWellKnown
{
    private const long NanosecondsPerTick = 100;

    public static JsonNode? Read(char type, ReadOnlySpan<byte> data) => type switch
    {
        'T' => Time(data, "yyyy-MM-dd'T'HH:mm:ss'Z'"),
        'U' => Time(data, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"),
        'D' => $"{First(data).Number / 1_000_000_000.0:0.#########}s",
        'Q' => First(data).Text,
        'I' => IntOrString(data),
        'F' or 'R' => RawJson(First(data).Text),
        _ => Strings(data),
    };

    /// <summary>Go encodes null as an empty byte sequence.</summary>
    private static JsonNode? RawJson(string text)
    {
        try
        {
            return text.Length == 0 ? null : new JsonParser().Parse(Encoding.UTF8.GetBytes(text));
        }
        catch (JsonException failure)
        {
            throw ApiErrors.BadRequest($"the protobuf body holds invalid JSON: {JsonParser.Reason(failure)}");
        }
    }

    private static JsonNode? Time(ReadOnlySpan<byte> data, string format)
    {
        if (data.IsEmpty)
        {
            return null;
        }

        long seconds = 0;
        long nanoseconds = 0;
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            var (field, _) = reader.ReadTag();
            var value = (long)reader.ReadVarint();
            (seconds, nanoseconds) = field == 1 ? (value, nanoseconds) : (seconds, value);
        }

        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanoseconds / NanosecondsPerTick);
        return time.ToString(format, CultureInfo.InvariantCulture);
    }

    private static JsonNode IntOrString(ReadOnlySpan<byte> data)
    {
        long type = 0;
        long number = 0;
        var text = "";
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            switch (reader.ReadTag().Field)
            {
                case 1:
                    type = (long)reader.ReadVarint();
                    break;
                case 2:
                    number = (long)reader.ReadVarint();
                    break;
                default:
                    text = Encoding.UTF8.GetString(reader.ReadBytes());
                    break;
            }
        }

        return type == 0
            ? JsonNumbers.Create(Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture)))
            : text;
    }

    private static JsonArray Strings(ReadOnlySpan<byte> data)
    {
        var list = new JsonArray();
        var reader = new ProtobufReader(data);
        while (!reader.IsAtEnd)
        {
            reader.ReadTag();
            list.Add(Encoding.UTF8.GetString(reader.ReadBytes()));
        }

        return list;
    }

    private static (string Text, long Number) First(ReadOnlySpan<byte> data)
    {
        const int Varint = 0;
        if (data.IsEmpty)
        {
            return ("", 0);
        }

        var reader = new ProtobufReader(data);
        var (_, wireType) = reader.ReadTag();
        return wireType == Varint ? ("", (long)reader.ReadVarint()) : (Encoding.UTF8.GetString(reader.ReadBytes()), 0);
    }
}
