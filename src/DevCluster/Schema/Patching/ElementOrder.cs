using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;

namespace DevCluster.Schema.Patching;

/// <summary>
/// Where the items of a merged list go: the patch's in the patch's order, the server's own between them.
/// </summary>
internal static class ElementOrder
{
    /// <summary>
    /// Items that <paramref name="order"/> names stand in that order; each other item stands before the first named one
    /// that it preceded in the live list.
    /// </summary>
    public static List<JsonNode?> Arrange(
        List<JsonNode?> merged, List<JsonNode?> order, List<JsonNode?> live, string? key)
    {
        var named = new Queue<JsonNode?>(
            merged.Where(m => IndexOf(order, m, key) >= 0).OrderBy(m => IndexOf(order, m, key)));
        var others = new Queue<JsonNode?>(
            merged.Where(m => IndexOf(order, m, key) < 0).OrderBy(m => IndexOf(live, m, key)));
        var result = new List<JsonNode?>(merged.Count);
        while (named.Count > 0 || others.Count > 0)
        {
            var takeOther = named.Count == 0 || (others.Count > 0 && Precedes(others.Peek(), named.Peek(), live, key));
            result.Add((takeOther ? others : named).Dequeue());
        }

        return result;
    }

    /// <summary>The index of the item that is the same by key, or by value without one; -1 if there is none.</summary>
    public static int IndexOf(List<JsonNode?> list, JsonNode? item, string? key)
    {
        var wanted = Identity(item, key);
        return list.FindIndex(other => JsonNode.DeepEquals(Identity(other, key), wanted));
    }

    /// <exception cref="ApiStatusException">The patch lists its items in another order than it asks for.</exception>
    public static void CheckConsistent(JsonArray? patch, List<JsonNode?> order, string? key)
    {
        if (patch is null || patch.Count == 0 || order.Count == 0)
        {
            return;
        }

        // Items to be deleted have no place; another directive is skipped only where an ordered item may follow, as
        // upstream.
        List<JsonNode?> placed =
        [
            .. patch.Where(item => Directives.Text((item as JsonObject)?[Directives.Patch]) != "delete"),
        ];
        int next = 0, place = 0;
        while (next < placed.Count && place < order.Count)
        {
            if (placed[next] is JsonObject map && map.ContainsKey(Directives.Patch))
            {
                next++;
                continue;
            }

            if (JsonNode.DeepEquals(Identity(placed[next], key), Identity(order[place], key)))
            {
                next++;
            }

            place++;
        }

        if (next < placed.Count)
        {
            throw PatchErrors.Internal(
                $"The order in patch list:\n{GoText.Print(patch)}\n doesn't match $setElementOrder "
                + $"list:\n[{string.Join(' ', order.Select(GoText.Print))}]\n");
        }
    }

    private static bool Precedes(JsonNode? left, JsonNode? right, List<JsonNode?> live, string? key)
    {
        var l = IndexOf(live, left, key);
        var r = IndexOf(live, right, key);
        return l >= 0 && r >= 0 && l < r;
    }

    private static JsonNode? Identity(JsonNode? item, string? key)
    {
        if (key is null)
        {
            return item;
        }

        return item is not JsonObject map
            ? throw PatchErrors.Internal(
                $"expected a map[string]interface {{}}, but received a {GoText.TypeName(item)}")
                : map.TryGetPropertyValue(key, out var value) ? value
                : throw PatchErrors.NoMergeKey(map, key);
    }
}
