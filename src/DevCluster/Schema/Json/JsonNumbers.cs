using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// Normalizes every number in a tree to a representation that reads as any C# number type: a JsonValue created from an
/// int cannot be read as a long, but one created from a JsonElement can.
/// </summary>
internal static class JsonNumbers
{
    private const int CachedValues = 1024;

    private static readonly JsonElement[] Small =
        [.. Enumerable.Range(0, CachedValues).Select(value => Element(value.ToString(CultureInfo.InvariantCulture)))];

    public static JsonNode Create(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= 3
        && int.TryParse(utf8, NumberStyles.None, CultureInfo.InvariantCulture, out var small)
        && utf8.Length == Digits(small)
            ? JsonValue.Create(Small[small])!
            : JsonValue.Create(Element(utf8))!;

    /// <summary>
    /// Normalizes all numbers of an object except in managedFields, which contains none and is stored as text.
    /// </summary>
    public static void NormalizeObject(JsonObject content)
    {
        for (var i = 0; i < content.Count; i++)
        {
            var (key, value) = content.GetAt(i);
            if (key == "metadata" && value is JsonObject metadata)
            {
                NormalizeMap(metadata, except: "managedFields");
            }
            else if (Replacement(value) is { } replacement)
            {
                content.SetAt(i, key, replacement);
            }
        }
    }

    private static void Normalize(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                NormalizeMap(map, except: null);
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (Replacement(list[i]) is { } replacement)
                    {
                        list[i] = replacement;
                    }
                }

                break;
        }
    }

    private static void NormalizeMap(JsonObject map, string? except)
    {
        for (var i = 0; i < map.Count; i++)
        {
            var (key, value) = map.GetAt(i);
            if (key != except && Replacement(value) is { } replacement)
            {
                map.SetAt(i, key, replacement);
            }
        }
    }

    private static JsonNode? Replacement(JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            Normalize(node);
            return null;
        }

        if (value.TryGetValue<string>(out _) || value.TryGetValue<bool>(out _) || value.TryGetValue<JsonElement>(out _))
        {
            return null;
        }

        var utf8 = JsonSerializer.SerializeToUtf8Bytes(value);
        return utf8[0] == (byte)'"' ? JsonValue.Create(value.ToString()) : Create(utf8);
    }

    private static int Digits(int value) => value < 10 ? 1 : value < 100 ? 2 : 3;

    private static JsonElement Element(string text) => Element(System.Text.Encoding.UTF8.GetBytes(text));

    private static JsonElement Element(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        return JsonElement.ParseValue(ref reader);
    }
}
