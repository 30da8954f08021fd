using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Registry;

/// <summary>A null field of a built-in kind means "not set", and typed servers never store one.</summary>
internal static class NullFields
{
    /// <summary>
    /// Custom resources keep the nulls of their own fields, because their schema may call them nullable.
    /// </summary>
    public static void Drop(ResourceDefinition definition, JsonObject content)
    {
        // The schema of a CRD may hold a null as a default.
        var isTyped = !definition.IsCustom && definition.Id != CustomResourceRegistrar.Id;
        for (var i = content.Count - 1; i >= 0; i--)
        {
            var (key, value) = content.GetAt(i);
            if (key == "metadata" && value is JsonObject metadata)
            {
                DropFields(metadata, except: "managedFields");
            }
            else if (isTyped)
            {
                DropField(content, i, value);
            }
        }
    }

    // Who owns what is read and written again by every write, nulls or not; to look inside would unfold it in memory.
    private static void DropFields(JsonObject map, string? except)
    {
        for (var i = map.Count - 1; i >= 0; i--)
        {
            var (key, value) = map.GetAt(i);
            if (key != except)
            {
                DropField(map, i, value);
            }
        }
    }

    private static void DropField(JsonObject map, int index, JsonNode? value)
    {
        if (value is null)
        {
            map.RemoveAt(index);
        }
        else
        {
            Drop(value);
        }
    }

    private static void Drop(JsonNode node)
    {
        if (node is JsonObject map)
        {
            DropFields(map, except: null);
        }
        else if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                if (item is not null)
                {
                    Drop(item);
                }
            }
        }
    }
}
