using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.ServerSideApply;

/// <summary>
/// Merges associative lists. The applied items come in their applied order; live items that were not applied keep their
/// place relative to the shared items around them.
/// </summary>
internal static class ListMerger
{
    public static JsonArray Merge(JsonArray live, JsonArray applied, TypeSchema schema)
    {
        var (left, leftItems) = Index(live, schema);
        var (right, rightItems) = Index(applied, schema);
        var shared = new Queue<PathElement>(right.Where(leftItems.ContainsKey));
        var merged = new HashSet<PathElement>();
        var result = new JsonArray();
        int l = 0, r = 0;
        while (l < left.Count || r < right.Count)
        {
            if (l < left.Count && r < right.Count && left[l] == right[r])
            {
                result.Add(Item(leftItems, rightItems, left[l], schema));
                merged.Add(left[l]);
                shared.TryDequeue(out _);
                l++;
                r++;
                continue;
            }

            if (l < left.Count
                && r < right.Count
                && rightItems.ContainsKey(left[l])
                && shared.TryPeek(out var next)
                && next != left[l])
            {
                // Shared, but the configuration wants another shared item first.
                l++;
                continue;
            }

            if (l < left.Count && !rightItems.ContainsKey(left[l]))
            {
                result.Add(live[l]?.DeepClone());
                l++;
                continue;
            }

            if (l < left.Count && merged.Contains(left[l]))
            {
                l++;
            }

            if (r < right.Count)
            {
                result.Add(Item(leftItems, rightItems, right[r], schema));
                merged.Add(right[r]);
                if (shared.TryPeek(out var expected) && expected == right[r])
                {
                    shared.Dequeue();
                }

                r++;
            }
            else if (l < left.Count && !merged.Contains(left[l]))
            {
                l++;
            }
        }

        return result;
    }

    private static JsonNode? Item(
        Dictionary<PathElement, JsonNode?> left,
        Dictionary<PathElement, JsonNode?> right,
        PathElement element,
        TypeSchema schema) =>
        left.TryGetValue(element, out var live) && live is not null
            ? ObjectMerger.Value(live, right[element], schema.Items)
            : ObjectMerger.Taken(right[element], schema.Items);

    /// <summary>
    /// Items by element. Items of which a live list has several cannot be merged with and read as null.
    /// </summary>
    private static (List<PathElement> Order, Dictionary<PathElement, JsonNode?> Items) Index(
        JsonArray list, TypeSchema schema)
    {
        var order = new List<PathElement>(list.Count);
        var items = new Dictionary<PathElement, JsonNode?>(list.Count);
        foreach (var item in list)
        {
            // A live item without keys cannot be addressed; it gets an element of its own, so that it stays.
            if (!Shapes.TryItem(schema, item, out var element, out _))
            {
                element = new(
                    PathElementKind.Index, order.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }

            order.Add(element);
            if (!items.TryAdd(element, item))
            {
                items[element] = null;
            }
        }

        return (order, items);
    }
}
