using System.Text.Json.Nodes;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Removes the fields that a schema does not declare.</summary>
public static class SchemaPruner
{
    /// <summary>
    /// Removes unknown fields in place, or only finds them if <paramref name="dryRun"/> is set. Returns their paths
    /// (<c>spec.foo</c>, <c>spec.list[0].bar</c>) in order, for <c>unknown field "spec.foo"</c>.
    /// </summary>
    public static IReadOnlyList<string> Prune(JsonObject value, TypeSchema schema, bool dryRun = false)
    {
        var unknown = new List<string>();
        Prune(value, schema, "", unknown, dryRun);
        unknown.Sort(StringComparer.Ordinal);
        return unknown;
    }

    private static void Prune(JsonNode? value, TypeSchema? schema, string path, List<string> unknown, bool dryRun)
    {
        switch (value)
        {
            case JsonObject map:
                PruneObject(map, schema, path, unknown, dryRun);
                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    Prune(list[i], schema?.Items ?? Unspecified(schema), $"{path}[{i}]", unknown, dryRun);
                }

                break;
        }
    }

    private static void PruneObject(JsonObject map, TypeSchema? schema, string path, List<string> unknown, bool dryRun)
    {
        foreach (var key in map.Select(property => property.Key).ToList())
        {
            var child = path.Length == 0 ? key : $"{path}.{key}";
            var known = ChildOf(schema, key);
            if (known is not null)
            {
                Prune(map[key], known, child, unknown, dryRun);
            }
            else if (!IsOpen(schema))
            {
                unknown.Add(child);
                if (!dryRun)
                {
                    map.Remove(key);
                }
            }
        }
    }

    /// <summary>The items of a list without an item schema are as open as the list itself.</summary>
    private static TypeSchema? Unspecified(TypeSchema? schema) => IsOpen(schema) ? schema : null;

    private static TypeSchema? ChildOf(TypeSchema? schema, string key) =>
        schema is null ? null
        : schema.Properties.TryGetValue(key, out var property) ? property
        : schema.AdditionalProperties;

    private static bool IsOpen(TypeSchema? schema) =>
        schema is not null
        && (schema.PreserveUnknownFields
            || (schema.Type.Length == 0 && !schema.IsIntOrString && schema.Properties.Count == 0));
}
