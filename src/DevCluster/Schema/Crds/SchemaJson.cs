using System.Text.Json.Nodes;
using DevCluster.Schema.Json;

namespace DevCluster.Schema.Crds;

/// <summary>Reads the keywords of an OpenAPI schema.</summary>
internal static class SchemaJson
{
    private static readonly string[] Junctors = ["anyOf", "allOf", "oneOf"];

    /// <summary>The named schemas below a keyword.</summary>
    public static IEnumerable<KeyValuePair<string, JsonObject>> Schemas(this JsonObject schema, string keyword) =>
        (schema[keyword] as JsonObject ?? []).Where(property => property.Value is JsonObject)
            .Select(property => KeyValuePair.Create(property.Key, property.Value!.AsObject()));

    /// <summary>The branches of all junctors that have several.</summary>
    public static IEnumerable<(string Junctor, int Index, JsonObject Branch)> Branches(this JsonObject schema) =>
        Junctors.SelectMany(junctor => schema.Items(junctor).Select((branch, index) => (junctor, index, branch)));
}
