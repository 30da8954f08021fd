using System.Text.Json.Nodes;

namespace DevCluster.Schema.Json;

/// <summary>
/// How deep and how large a tree is, so that no input grows one beyond what recursion and memory bear.
/// </summary>
internal static class JsonExtent
{
    /// <summary>
    /// Whether a value has more levels of maps and lists than <paramref name="levels"/>; looks no deeper.
    /// </summary>
    public static bool IsDeeperThan(JsonNode? node, int levels) => node switch
    {
        JsonObject map => levels <= 0 || map.Any(field => IsDeeperThan(field.Value, levels - 1)),
        JsonArray list => levels <= 0 || list.Any(item => IsDeeperThan(item, levels - 1)),
        _ => false,
    };

    /// <summary>About as many bytes as the value takes as JSON.</summary>
    public static long SizeOf(JsonNode? node) => node switch
    {
        JsonObject map => 2 + map.Sum(field => field.Key.Length + 4 + SizeOf(field.Value)),
        JsonArray list => 2 + list.Sum(item => 1 + SizeOf(item)),
        null => 4,
        _ => node.Text() is { } text ? text.Length + 2 : 8,
    };
}
