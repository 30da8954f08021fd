using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;

namespace DevCluster.Schema.Crds;

/// <summary>Checks that junctors mention only what is specified outside of them.</summary>
internal static class SchemaCompleteness
{
    /// <summary>
    /// Every field and item that a junctor mentions must be specified outside of it too. The real API (1.36) demands it
    /// of the junctors at the root only.
    /// </summary>
    public static void Validate(JsonObject schema, FieldPath path, List<FieldError> errors)
    {
        foreach (var (junctor, index, branch) in schema.Branches())
        {
            CheckMentioned(branch, schema, path[junctor][index], path, errors);
        }

        if (schema["not"] is JsonObject not)
        {
            CheckMentioned(not, schema, path["not"], path, errors);
        }
    }

    private static void CheckMentioned(
        JsonObject nested, JsonObject? outer, FieldPath path, FieldPath outerPath, List<FieldError> errors)
    {
        if (outer is null)
        {
            errors.Add(FieldErrors.Required(outerPath, $"because it is defined in {path}"));
            return;
        }

        foreach (var (junctor, index, branch) in nested.Branches())
        {
            CheckMentioned(branch, outer, path[junctor][index], outerPath, errors);
        }

        if (nested["not"] is JsonObject not)
        {
            CheckMentioned(not, outer, path["not"], outerPath, errors);
        }

        if (nested["items"] is JsonObject items)
        {
            CheckMentioned(items, outer["items"] as JsonObject, path["items"], outerPath["items"], errors);
        }

        foreach (var (name, property) in nested.Schemas("properties"))
        {
            CheckMentioned(
                property,
                outer["properties"]?[name] as JsonObject,
                path["properties"].Key(name),
                outerPath["properties"].Key(name),
                errors);
        }
    }
}
