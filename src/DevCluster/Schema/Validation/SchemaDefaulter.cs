using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>
/// Applies the defaults of a schema from the outside in, so that omitted fields of a default are also defaulted.
/// </summary>
public static class SchemaDefaulter
{
    /// <summary>
    /// Defaults <paramref name="value"/> in place. A null that the schema does not allow counts as absent; without a
    /// default it is removed, as in the real API before it stores a custom resource.
    /// </summary>
    public static void Default(JsonNode value, TypeSchema schema)
    {
        RemoveForbiddenNulls(value, schema);
        Fill(value, schema);
    }

    private static void RemoveForbiddenNulls(JsonNode? value, TypeSchema? schema)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (key, child) in map.ToList())
                {
                    var known = ChildOf(schema, key);
                    if (child is null && known is { Nullable: false, Default: null })
                    {
                        map.Remove(key);
                    }

                    RemoveForbiddenNulls(child, known);
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    RemoveForbiddenNulls(item, schema?.Items);
                }

                break;
        }
    }

    private static TypeSchema? ChildOf(TypeSchema? schema, string key) =>
        schema is null
            ? null
            : schema.Properties.TryGetValue(key, out var property) ? property : schema.AdditionalProperties;

    private static void Fill(JsonNode value, TypeSchema schema)
    {
        switch (value)
        {
            case JsonObject map:
                DefaultObject(map, schema);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is null && IsReplaceable(items))
                    {
                        list[i] = items.Default!.DeepClone();
                    }

                    DefaultChild(list[i], items);
                }

                break;
        }
    }

    private static void DefaultObject(JsonObject map, TypeSchema schema)
    {
        foreach (var (key, property) in schema.Properties)
        {
            if (property.Default is not null
                && (!map.TryGetPropertyValue(key, out var present) || (present is null && !property.Nullable)))
            {
                map[key] = property.Default.DeepClone();
            }
        }

        foreach (var key in map.Select(property => property.Key).ToList())
        {
            var child = ChildOf(schema, key);
            if (child is null)
            {
                continue;
            }

            if (map[key] is null && IsReplaceable(child))
            {
                map[key] = child.Default!.DeepClone();
            }

            DefaultChild(map[key], child);
        }
    }

    private static void DefaultChild(JsonNode? value, TypeSchema schema)
    {
        if (value is not null)
        {
            Fill(value, schema);
        }
    }

    private static bool IsReplaceable(TypeSchema schema) => schema.Default is not null && !schema.Nullable;
}
