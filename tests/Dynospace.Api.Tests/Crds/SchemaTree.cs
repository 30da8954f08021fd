using System.Text.Json.Nodes;

namespace Dynospace.Api.Tests.Crds;

/// <summary>Walks a schema: itself, its properties, items and values, with the path of each.</summary>
internal static class SchemaTree
{
    public static IEnumerable<(string Path, JsonObject Schema)> Walk(JsonObject schema, string path = "")
    {
        yield return (path, schema);
        var children =
            (schema["properties"] as JsonObject ?? []).Select(property => ($"{path}.{property.Key}", property.Value))
                .Append(($"{path}[]", schema["items"]))
                .Append(($"{path}{{}}", schema["additionalProperties"]));
        foreach (var (childPath, child) in children)
        {
            foreach (var below in child is JsonObject found ? Walk(found, childPath) : [])
            {
                yield return below;
            }
        }
    }

    public static IEnumerable<JsonObject> Rules(JsonObject schema) =>
        (schema["x-kubernetes-validations"] as JsonArray ?? []).Select(rule => rule!.AsObject());
}
