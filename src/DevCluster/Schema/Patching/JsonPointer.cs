using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace DevCluster.Schema.Patching;

/// <summary>RFC 6901: a place in a document, as the container that holds it and the last reference token.</summary>
internal readonly record struct JsonPointer(JsonNode Container, string Key)
{
    /// <summary>
    /// False when the pointer names the document itself or leads through something that is not there.
    /// </summary>
    public static bool TryResolve(JsonNode document, string path, [NotNullWhen(true)] out JsonPointer? place)
    {
        place = null;
        var tokens = path.Split('/');
        if (tokens.Length < 2)
        {
            return false;
        }

        var container = document;
        foreach (var token in tokens.AsSpan(1, tokens.Length - 2))
        {
            if (!new JsonPointer(container, Unescape(token)).TryGet(out var next)
                || next is not (JsonObject or JsonArray))
            {
                return false;
            }

            container = next;
        }

        place = new(container, Unescape(tokens[^1]));
        return true;
    }

    /// <summary>
    /// The value at this place. A member that is absent reads as null, an index out of range is refused.
    /// </summary>
    public bool TryGet(out JsonNode? value)
    {
        switch (Container)
        {
            case JsonObject map:
                value = map[Key];
                return true;
            case JsonArray list when TryIndex(list.Count, out var index) && index < list.Count:
                value = list[index];
                return true;
            default:
                value = null;
                return false;
        }
    }

    /// <summary>Whether there is something at this place to be removed.</summary>
    public bool Exists() => Container is JsonObject map ? map.ContainsKey(Key) : TryGet(out _);

    /// <summary>
    /// The token as an index into a list of that length; it may be the length itself. Negative ones count from the end,
    /// an extension of the API server's library that clients have come to use.
    /// </summary>
    public bool TryIndex(int length, out int index) =>
        int.TryParse(Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out index)
        && (index >= 0 || (index += length) >= 0);

    /// <summary><c>~1</c> before <c>~0</c>, so that <c>~01</c> is <c>~1</c> and not a slash.</summary>
    private static string Unescape(string token) =>
        token.Contains('~', StringComparison.Ordinal)
            ? token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
            : token;
}
