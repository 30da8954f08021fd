using System.Text.Json.Nodes;

namespace DevCluster.Schema.Patching;

/// <summary>JSON merge patch, RFC 7386: objects merge, null removes, everything else replaces.</summary>
public static class MergePatch
{
    /// <summary>Returns the patched copy; neither argument is modified.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.DeepClone().AsObject();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                target.Remove(name);
            }
            else if (value is JsonObject change && target[name] is JsonObject existing)
            {
                Merge(existing, change);
            }
            else
            {
                target[name] = target[name] is JsonObject ? value.DeepClone() : WithoutNulls(value);
            }
        }
    }

    /// <summary>
    /// Where there is nothing to merge with, nulls vanish rather than being stored. The RFC says so of objects; the API
    /// server's library extends it to the objects in lists.
    /// </summary>
    private static JsonNode WithoutNulls(JsonNode value)
    {
        switch (value)
        {
            case JsonObject map:
                var members = new JsonObject();
                Merge(members, map);
                return members;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => item is null ? null : WithoutNulls(item))]);
            default:
                return value.DeepClone();
        }
    }
}
