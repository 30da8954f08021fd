using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Patching;

/// <summary>
/// Strategic merge patch: a merge patch in which lists merge by key where the type says so, steered by directives
/// inside the patch. Semantics: community/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
/// </summary>
public static class StrategicMergePatch
{
    /// <summary>Returns the patched copy; neither argument is modified.</summary>
    /// <exception cref="ApiStatusException">400 for a malformed directive, 500 for a patch that contradicts
    /// itself.</exception>
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

    /// <summary>The patch's own value becomes the field, freed of directives and nulls.</summary>
    private static void Take(JsonObject original, string name, JsonNode value)
    {
        if (value is JsonObject map && map.ContainsKey(Directives.Patch))
        {
            // A directive without anything to act on leaves nothing.
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
