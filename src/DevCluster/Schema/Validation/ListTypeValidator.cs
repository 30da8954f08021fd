using System.Text.Json.Nodes;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Formats;
using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Validation;

/// <summary>Checks that sets hold no item twice and map lists no key twice.</summary>
internal static class ListTypeValidator
{
    public static void Validate(JsonNode value, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (value is JsonArray list)
        {
            ValidateList(list, schema, path, errors);
        }

        SchemaWalk.VisitChildren(value, schema, path, errors, Validate);
    }

    private static void ValidateList(JsonArray list, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        if (schema.ListType == ListType.Set && ListMaps.MayRepeat(list, null))
        {
            errors.AddRange(Repeated([.. list]).Select(index => FieldErrors.Duplicate(path[index], list[index])));
        }
        else if (schema.ListType == ListType.Map)
        {
            ValidateMap(list, schema, path, errors);
        }
    }

    private static void ValidateMap(JsonArray list, TypeSchema schema, FieldPath path, List<FieldError> errors)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] is not (JsonObject or null))
            {
                errors.Add(FieldErrors.Invalid(path[i], list[i], "must be an object for an array of list-type map"));
                return;
            }
        }

        if (!ListMaps.MayRepeat(list, schema.ListMapKeys))
        {
            return;
        }

        var keys = list.Select(item => ListMaps.KeyOf(item, schema.ListMapKeys)).ToList();
        errors.AddRange(Repeated([.. keys]).Select(index => FieldErrors.Duplicate(path[index], keys[index])));
    }

    /// <summary>
    /// The positions where an item occurs for the second time; further times are not worth a message.
    /// </summary>
    private static IEnumerable<int> Repeated(List<JsonNode?> items)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            var text = GoText.Json(items[i]);
            var times = seen[text] = seen.GetValueOrDefault(text) + 1;
            if (times == 2)
            {
                yield return i;
            }
        }
    }
}
