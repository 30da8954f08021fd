using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Visits the maps and lists inside a value together with their schemas.</summary>
internal static class SchemaWalk
{
    public delegate void Visitor(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors);

    /// <summary>Visits the fields or items that are maps or lists and that the schema describes.</summary>
    public static void VisitChildren(
        JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors, Visitor visit)
    {
        switch (value)
        {
            case JsonObject map when schema.Properties.Count > 0 || schema.AdditionalProperties is not null:
                for (var i = 0; i < map.Count; i++)
                {
                    var (key, child) = map.GetAt(i);
                    if (child is null or JsonValue)
                    {
                        continue;
                    }

                    if (schema.Properties.TryGetValue(key, out var property))
                    {
                        visit(child, property, path[key], errors);
                    }
                    else if (schema.AdditionalProperties is { } additional)
                    {
                        visit(child, additional, path.Key(key), errors);
                    }
                }

                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is JsonObject or JsonArray)
                    {
                        visit(list[i]!, items, path[i], errors);
                    }
                }

                break;
        }
    }
}
