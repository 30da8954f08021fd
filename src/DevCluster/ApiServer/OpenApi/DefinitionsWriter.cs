using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Structural;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>Writes the definitions of resources and of all types to which they refer.</summary>
internal static class DefinitionsWriter
{
    private const string GroupVersionKind = "x-kubernetes-group-version-kind";

    /// <summary>Must be called after the paths are written, because they also refer to definitions.</summary>
    public static JsonObject Write(IReadOnlyList<ResourceDefinition> resources, SchemaWriter writer)
    {
        var definitions = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            var name = DefinitionNames.ForResource(resource);
            if (!definitions.ContainsKey(name))
            {
                writer.Known(name);
                definitions[name] = Kind(resource, writer);
            }

            if (!resource.IsVirtual)
            {
                var list = DefinitionNames.OfList(resource);
                writer.Known(list);
                definitions[list] = List(resource, writer);
            }
        }

        while (writer.TryTakeReferred(out var name))
        {
            if (!definitions.ContainsKey(name) && Definition(name, writer) is { } definition)
            {
                definitions[name] = definition;
            }
        }

        return new JsonObject(definitions);
    }

    private static JsonObject Kind(ResourceDefinition resource, SchemaWriter writer)
    {
        var json = writer.Write(resource.Schema);
        json[GroupVersionKind] = Kinds(resource, resource.Kind);
        return json;
    }

    private static JsonObject List(ResourceDefinition resource, SchemaWriter writer) => new()
    {
        ["description"] = $"{resource.ListKind} is a list of {resource.Kind}.",
        ["type"] = "object",
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = new JsonObject
            {
                ["description"] = "The version of this representation.",
                ["type"] = "string",
            },
            ["items"] = new JsonObject
            {
                ["description"] = "The objects.",
                ["type"] = "array",
                ["items"] = writer.Reference(DefinitionNames.ForResource(resource)),
            },
            ["kind"] = new JsonObject { ["description"] = "The kind of the list.", ["type"] = "string" },
            ["metadata"] = writer.Reference(DefinitionNames.ListMeta),
        },
        [GroupVersionKind] = Kinds(resource, resource.ListKind),
    };

    private static JsonObject? Definition(string name, SchemaWriter writer) =>
        name == DefinitionNames.Patch
            ? new JsonObject { ["description"] = "The body of a PATCH request.", ["type"] = "object" }
            : BuiltInSchemas.ForDefinition(name) is { } schema ? writer.Write(schema) : null;

    private static JsonArray Kinds(ResourceDefinition resource, string kind) =>
        new(new JsonObject { ["group"] = resource.Id.Group, ["kind"] = kind, ["version"] = resource.Version });
}

/// <summary>The names of a resource's definitions.</summary>
internal static class DefinitionNames
{
    public const string Patch = Meta + "Patch";
    public const string Status = Meta + "Status";
    public const string DeleteOptions = Meta + "DeleteOptions";
    public const string ListMeta = Meta + "ListMeta";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>
    /// The definition name: <c>io.k8s.api.core.v1.Pod</c>, or for a CRD the reversed group,
    /// <c>dev.example.v1.Thing</c>.
    /// </summary>
    public static string ForResource(ResourceDefinition resource) =>
        resource.Schema.Definition ?? $"{Package(resource)}.{resource.Kind}";

    public static string OfList(ResourceDefinition resource) => $"{Package(resource)}.{resource.ListKind}";

    private static string Package(ResourceDefinition resource) =>
        resource.Schema.Definition is { } definition
            ? definition[..definition.LastIndexOf('.')]
            : string.Join('.', resource.Id.Group.Split('.').Reverse().Append(resource.Version));
}
