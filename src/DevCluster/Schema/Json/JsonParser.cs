using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// Parses JSON eagerly. Like the real API it keeps the last of duplicate fields; it also records their paths.
/// </summary>
internal sealed class JsonParser
{
    /// <summary>The maximum nesting depth, which keeps recursion over a tree within the stack.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };
    private static readonly JsonReaderOptions Several = new() { MaxDepth = MaxDepth, AllowMultipleValues = true };

    private readonly List<string> _duplicates = [];

    /// <summary>The paths of duplicate fields: <c>spec.containers[0].name</c>.</summary>
    public IReadOnlyList<string> Duplicates => _duplicates;

    /// <exception cref="JsonException">The text is not valid JSON.</exception>
    public JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, Options);
        reader.Read();
        var node = ReadValue(ref reader, "");
        return reader.Read() ? throw new JsonException("data after the end of the value") : node;
    }

    /// <summary>Parses the first of several values; <paramref name="read"/> is its end.</summary>
    /// <exception cref="JsonException">The text is not valid JSON.</exception>
    public JsonNode? ParseFirst(ReadOnlySpan<byte> utf8, out int read)
    {
        var reader = new Utf8JsonReader(utf8, Several);
        reader.Read();
        var node = ReadValue(ref reader, "");
        read = (int)reader.BytesConsumed;
        return node;
    }

    /// <summary>The error message without the position that System.Text.Json appends.</summary>
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

/// <summary>The depth and size of a tree, which are limited so that input cannot exhaust the stack or memory.</summary>
internal static class JsonExtent
{
    /// <summary>
    /// Whether a value has more levels of maps and lists than <paramref name="levels"/>; it does not descend further.
    /// </summary>
    public static bool IsDeeperThan(JsonNode? node, int levels) => node switch
    {
        JsonObject map => levels <= 0 || map.Any(field => IsDeeperThan(field.Value, levels - 1)),
        JsonArray list => levels <= 0 || list.Any(item => IsDeeperThan(item, levels - 1)),
        _ => false,
    };

    /// <summary>The approximate size of the value as JSON, in bytes.</summary>
    public static long SizeOf(JsonNode? node) => node switch
    {
        JsonObject map => 2 + map.Sum(field => field.Key.Length + 4 + SizeOf(field.Value)),
        JsonArray list => 2 + list.Sum(item => 1 + SizeOf(item)),
        null => 4,
        _ => node.Text() is { } text ? text.Length + 2 : 8,
    };
}

/// <summary>JSON as in Go: apostrophes and non-ASCII letters are not escaped.</summary>
internal static class RelaxedJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
