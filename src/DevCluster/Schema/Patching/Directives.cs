using System.Text.Json.Nodes;

namespace DevCluster.Schema.Patching;

/// <summary>The names by which a strategic merge patch steers itself.</summary>
internal static class Directives
{
    public const string Patch = "$patch";
    public const string RetainKeys = "$retainKeys";

    private const string DeleteFromList = "$deleteFromPrimitiveList";
    private const string ElementOrder = "$setElementOrder";

    public static bool IsDeleteFromList(string name) => name.StartsWith(DeleteFromList, StringComparison.Ordinal);

    public static bool IsElementOrder(string name) => name.StartsWith(ElementOrder, StringComparison.Ordinal);

    public static bool IsDirective(string name) =>
        name.Length > 0
        && name[0] == '$'
        && (name is Patch or RetainKeys || IsDeleteFromList(name) || IsElementOrder(name));

    /// <summary>The list that <c>$setElementOrder/containers</c> speaks of.</summary>
    public static string ListName(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash >= 0 && name[..slash] is DeleteFromList or ElementOrder
            ? name[(slash + 1)..]
            : throw PatchErrors.BadRequest(IsElementOrder(name)
                ? "invalid patch format of setElementOrder list"
                : "invalid patch format of primitive list");
    }

    public static string? Text(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : null;

    /// <summary>Removes every directive, every item that carries one, and every null inside.</summary>
    public static void Strip(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map.ToArray())
                {
                    if (child is null || IsDirective(name) || child is JsonObject inner && inner.ContainsKey(Patch))
                    {
                        map.Remove(name);
                    }
                    else
                    {
                        Strip(child);
                    }
                }

                break;
            case JsonArray list:
                for (var i = list.Count - 1; i >= 0; i--)
                {
                    if (list[i] is JsonObject item && item.ContainsKey(Patch))
                    {
                        list.RemoveAt(i);
                    }
                    else
                    {
                        Strip(list[i]);
                    }
                }

                break;
        }
    }

    /// <summary>Removes the directives and nothing else.</summary>
    public static void StripNames(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var name in map.Select(p => p.Key).Where(IsDirective).ToArray())
                {
                    map.Remove(name);
                }

                foreach (var (_, child) in map)
                {
                    StripNames(child);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    StripNames(item);
                }

                break;
        }
    }

    /// <summary>Removes a member and hands it over, free to be put elsewhere.</summary>
    public static JsonNode? Detach(this JsonObject map, string name)
    {
        var value = map[name];
        map.Remove(name);
        return value;
    }

    /// <summary>Empties a list and hands its items over.</summary>
    public static List<JsonNode?> DetachAll(this JsonArray list)
    {
        List<JsonNode?> items = [.. list];
        list.Clear();
        return items;
    }
}
