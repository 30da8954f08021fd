using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// Parses JSON eagerly, keeping the last of duplicate fields as the real API does, and noting their paths.
/// </summary>
internal sealed class JsonParser
{
    /// <summary>Levels of nesting, below what recursion over a tree needs of the stack.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };
    private static readonly JsonReaderOptions Several = new() { MaxDepth = MaxDepth, AllowMultipleValues = true };

    private readonly List<string> _duplicates = [];

    /// <summary>The paths of fields that occurred twice: <c>spec.containers[0].name</c>.</summary>
    public IReadOnlyList<string> Duplicates => _duplicates;

    /// <exception cref="JsonException">This is not JSON.</exception>
    public JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        reader.Read();
        var node = ReadValue(ref reader, "");
        return reader.Read() ? throw new JsonException("data after the end of the value") : node;
    }

    /// <summary>Parses the first of several values; <paramref name="read"/> is where it ends.</summary>
    /// <exception cref="JsonException">This is not JSON.</exception>
    public JsonNode? ParseFirst(ReadOnlySpan<byte> utf8, out int read)
    {
        var reader = new Utf8JsonReader(utf8, Several);
        reader.Read();
        var node = ReadValue(ref reader, "");
        read = (int)reader.BytesConsumed;
        return node;
    }

    /// <summary>What is wrong, without the position that System.Text.Json appends.</summary>
    public static string Reason(JsonException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
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
