using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Patching;

/// <summary>Merges the lists of a strategic merge patch: items are matched by merge key, or scalars by value.</summary>
internal static class StrategicListMerge
{
    /// <summary>Merges and orders the items; both arguments are consumed.</summary>
    public static JsonArray Merge(JsonArray original, JsonArray patch, TypeSchema schema)
    {
        var key = schema.PatchMergeKey;
        var before = original.DetachAll();
        var changes = patch.DetachAll();
        if (before.Count == 0 && changes.Count == 0)
        {
            return original;
        }

        CheckItems(before, changes, key);
        List<JsonNode?> merged;
        if (key is null)
        {
            merged = [.. before, .. changes.Where(c => ElementOrder.IndexOf(before, c, null) < 0)];
        }
        else
        {
            (before, changes) = ApplyItemDirectives(before, changes, key);
            merged = MergeItems(before, changes, key, schema.Items);
        }

        // The items themselves are moved; the copies keep the original positions.
        return new JsonArray([.. ElementOrder.Arrange(merged, changes, before, key)]);
    }

    /// <summary>Handles <c>$deleteFromPrimitiveList/x</c>.</summary>
    public static void DeleteFrom(JsonObject original, string name, JsonNode? unwanted)
    {
        if (original[name] is JsonArray list && unwanted is JsonArray values)
        {
            var kept = list.DetachAll().Where(item => !values.Any(v => JsonNode.DeepEquals(v, item)));
            original[name] = new JsonArray([.. kept]);
        }
    }

    /// <summary>
    /// Handles every <c>$setElementOrder/x</c> together with the list <c>x</c>, and removes both from the patch.
    /// </summary>
    public static void ApplyElementOrders(JsonObject original, JsonObject patch, TypeSchema? schema)
    {
        foreach (var directive in patch.Select(p => p.Key).Where(Directives.IsElementOrder).ToArray())
        {
            var name = Directives.ListName(directive);
            var order = List(patch.Detach(directive))!.DetachAll();
            var live = List(original[name]);
            var change = List(patch[name]);
            if (live is null && change is null)
            {
                continue;
            }

            var list = StrategicMergePatch.Child(schema, name);
            var key = list?.PatchMergeKey;
            ElementOrder.CheckConsistent(change, order, key);
            List<JsonNode?> before = live is null ? [] : [.. live.Select(item => item?.DeepClone())];
            var merged = MergeUnordered(original, patch, name, live, change, list);
            original[name] = new JsonArray([.. ElementOrder.Arrange(merged, order, before, key)]);
        }
    }

    private static List<JsonNode?> MergeUnordered(
        JsonObject original, JsonObject patch, string name, JsonArray? live, JsonArray? change, TypeSchema? schema)
    {
        original.Detach(name);
        patch.Detach(name);
        if (change is null)
        {
            return live!.DetachAll();
        }

        if (live is not null && schema is { PatchMerges: true })
        {
            return Merge(live, change, schema).DetachAll();
        }

        Directives.Strip(change);
        return change.DetachAll();
    }

    private static JsonArray? List(JsonNode? value) => value switch
    {
        null => null,
        JsonArray list => list,
        _ => throw PatchErrors.ExpectedList(value),
    };

    private static void CheckItems(List<JsonNode?> before, List<JsonNode?> changes, string? key)
    {
        foreach (var item in before.Concat(changes))
        {
            if (item is JsonArray)
            {
                throw new ApiStatusException(422, "Invalid", "lists of lists are not supported");
            }

            if ((item is JsonObject) != (key is not null))
            {
                var lists = $"[{GoText.Print(new JsonArray([.. before]))} {GoText.Print(new JsonArray([.. changes]))}]";
                throw PatchErrors.Internal($"list element types are not identical: {lists}");
            }
        }
    }

    /// <summary>
    /// Applies <c>$patch: delete</c> and <c>$patch: replace</c> items and removes them from the patch.
    /// </summary>
    private static (List<JsonNode?> Before, List<JsonNode?> Changes) ApplyItemDirectives(
        List<JsonNode?> before, List<JsonNode?> changes, string key)
    {
        var replace = false;
        var plain = new List<JsonNode?>(changes.Count);
        foreach (var item in changes.Cast<JsonObject>())
        {
            if (!item.TryGetPropertyValue(Directives.Patch, out var directive))
            {
                plain.Add(item);
                continue;
            }

            switch (Directives.Text(directive))
            {
                case "delete" when item.TryGetPropertyValue(key, out var value):
                    before.RemoveAll(b => JsonNode.DeepEquals(b!.AsObject()[key], value));
                    break;
                case "delete":
                    throw PatchErrors.NoMergeKey(item, key);
                case "replace":
                    replace = true;
                    break;
                case "merge":
                    throw PatchErrors.Internal("merging lists cannot yet be specified in the patch");
                default:
                    throw PatchErrors.UnknownDirective(directive, item);
            }
        }

        return replace ? (plain, []) : (before, plain);
    }

    private static List<JsonNode?> MergeItems(
        List<JsonNode?> before, List<JsonNode?> changes, string key, TypeSchema? schema)
    {
        List<JsonNode?> merged = [.. before];
        foreach (var change in changes.Cast<JsonObject>())
        {
            if (!change.ContainsKey(key))
            {
                throw PatchErrors.NoMergeKey(change, key);
            }

            var index = ElementOrder.IndexOf(merged, change, key);
            if (index < 0)
            {
                // Upstream keeps a new item unchanged, except for its directives.
                Directives.StripNames(change);
                merged.Add(change);
            }
            else
            {
                merged[index] = StrategicMergePatch.Merge(
                    merged[index]!.AsObject(), change.DeepClone().AsObject(), schema);
            }
        }

        return merged;
    }
}

/// <summary>
/// The order of a merged list: the patch's items in the patch's order, with the other live items between them.
/// </summary>
internal static class ElementOrder
{
    /// <summary>
    /// Items in <paramref name="order"/> come in that order; each other item comes before the first ordered item that
    /// it preceded in the live list.
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

    /// <summary>The index of the matching item, by key or else by value; -1 if there is none.</summary>
    public static int IndexOf(List<JsonNode?> list, JsonNode? item, string? key)
    {
        var wanted = Identity(item, key);
        return list.FindIndex(other => JsonNode.DeepEquals(Identity(other, key), wanted));
    }

    /// <exception cref="ApiStatusException">The order of the patch's items contradicts the requested order.</exception>
    public static void CheckConsistent(JsonArray? patch, List<JsonNode?> order, string? key)
    {
        if (patch is null || patch.Count == 0 || order.Count == 0)
        {
            return;
        }

        // Deleted items have no position. As upstream, another directive is skipped only if an ordered item may follow.
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
