using System.Text.Json;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Http;

/// <summary>Parses JSON eagerly, keeping the last of duplicate fields as the real API does, and noting their paths.</summary>
internal sealed class JsonBodyParser
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly List<string> _duplicates = [];

    /// <summary>The paths of fields that occurred twice: <c>spec.containers[0].name</c>.</summary>
    public IReadOnlyList<string> Duplicates => _duplicates;

    /// <exception cref="JsonException">This is no JSON.</exception>
    public JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        reader.Read();
        var node = ReadValue(ref reader, "");
        return reader.Read() ? throw new JsonException("data after the end of the value") : node;
    }

    private JsonNode? ReadValue(ref Utf8JsonReader reader, string path) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, path),
        JsonTokenType.StartArray => ReadArray(ref reader, path),
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Number => JsonNumbers.Create(reader.ValueSpan),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    private JsonObject ReadObject(ref Utf8JsonReader reader, string path)
    {
        var map = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var at = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            var value = ReadValue(ref reader, at);
            if (!map.TryAdd(name, value))
            {
                _duplicates.Add(at);
                map[name] = value;
            }
        }

        return map;
    }

    private JsonArray ReadArray(ref Utf8JsonReader reader, string path)
    {
        var list = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            list.Add(ReadValue(ref reader, $"{path}[{list.Count}]"));
        }

        return list;
    }
}
