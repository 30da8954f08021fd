// Patching: JSON patch, merge patch and strategic merge patch.

using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Patching;

/// <summary>
/// Strategic merge patch: a merge patch in which lists are merged by key if the type declares it, controlled by
/// directives in the patch. Semantics: community/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
/// </summary>
public static class StrategicMergePatch
{
    /// <summary>Returns the patched copy; neither argument is modified.</summary>
    /// <exception cref="ApiStatusException">400: a malformed directive; 500: the patch contradicts itself.</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, TypeSchema schema) =>
        Merge(target.DeepClone().AsObject(), patch.DeepClone().AsObject(), schema);

    /// <summary>Merges into <paramref name="original"/>; both arguments are consumed.</summary>
    internal static JsonObject Merge(JsonObject original, JsonObject patch, TypeSchema? schema)
    {
        if (patch.TryGetPropertyValue(Directives.Patch, out var directive))
        {
            return Replacement(directive, patch);
        }

        RetainKeys(original, patch);
        StrategicListMerge.ApplyElementOrders(original, patch, schema);
        foreach (var name in patch.Select(p => p.Key).ToArray())
        {
            var value = patch.Detach(name);
            if (Directives.IsDeleteFromList(name))
            {
                StrategicListMerge.DeleteFrom(original, Directives.ListName(name), value);
            }
            else
            {
                MergeField(original, name, value, Child(schema, name));
            }
        }

        return original;
    }

    internal static TypeSchema? Child(TypeSchema? schema, string name) =>
        schema is null ? null : schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties;

    private static JsonObject Replacement(JsonNode? directive, JsonObject patch)
    {
        switch (Directives.Text(directive))
        {
            case "replace":
                patch.Remove(Directives.Patch);
                return patch;
            case "delete":
                return [];
            default:
                throw PatchErrors.UnknownDirective(directive, patch);
        }
    }

    private static void MergeField(JsonObject original, string name, JsonNode? value, TypeSchema? schema)
    {
        switch (value)
        {
            case null:
                original.Remove(name);
                break;
            case JsonObject change when original[name] is JsonObject && schema is not { PatchReplaces: true }:
                original[name] = Merge(original.Detach(name)!.AsObject(), change, schema);
                break;
            case JsonArray change when original[name] is JsonArray && schema is { PatchMerges: true }:
                original[name] = StrategicListMerge.Merge(original.Detach(name)!.AsArray(), change, schema);
                break;
            default:
                Take(original, name, value);
                break;
        }
    }

    /// <summary>Sets the field to the patch's value, without directives and nulls.</summary>
    private static void Take(JsonObject original, string name, JsonNode value)
    {
        if (value is JsonObject map && map.ContainsKey(Directives.Patch))
        {
            // A directive without a target leaves no value.
            original.Remove(name);
            return;
        }

        Directives.Strip(value);
        original[name] = value;
    }

    private static void RetainKeys(JsonObject original, JsonObject patch)
    {
        if (!patch.ContainsKey(Directives.RetainKeys))
        {
            return;
        }

        var retained = patch.Detach(Directives.RetainKeys) is JsonArray list
            ? list.Select(Directives.Text).ToHashSet()
            : throw PatchErrors.BadRequest("invalid patch format of retainKeys");
        if (patch.Any(p => p.Value is not null && !Directives.IsDirective(p.Key) && !retained.Contains(p.Key)))
        {
            throw PatchErrors.BadRequest("invalid patch format of retainKeys");
        }

        foreach (var name in original.Select(p => p.Key).Where(name => !retained.Contains(name)).ToArray())
        {
            original.Remove(name);
        }
    }
}

/// <summary>The directives of a strategic merge patch.</summary>
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

    /// <summary>The list to which <c>$setElementOrder/containers</c> applies.</summary>
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

    /// <summary>Removes all directives, items with directives, and nulls.</summary>
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

    /// <summary>Removes only the directives.</summary>
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

    /// <summary>Removes a member and returns it without a parent.</summary>
    public static JsonNode? Detach(this JsonObject map, string name)
    {
        var value = map[name];
        map.Remove(name);
        return value;
    }

    /// <summary>Empties a list and returns its items without a parent.</summary>
    public static List<JsonNode?> DetachAll(this JsonArray list)
    {
        List<JsonNode?> items = [.. list];
        list.Clear();
        return items;
    }
}
