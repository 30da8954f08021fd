using DevCluster.Schema.Structural;

namespace DevCluster.Schema.Crds;

/// <summary>The metadata that every custom resource has without declaring it.</summary>
internal static class ObjectMetaSchema
{
    /// <summary>The built-in ObjectMeta, one instance for all, so that OpenAPI refers to one definition.</summary>
    public static TypeSchema Instance { get; } =
        BuiltInSchemas.For("v1", "ConfigMap").Properties.GetValueOrDefault("metadata")
        ?? new("object") { PreserveUnknownFields = true };

    /// <summary>ObjectMeta with the restrictions that a CRD may put on <c>name</c> and <c>generateName</c>.</summary>
    public static TypeSchema Restricted(TypeSchema declared)
    {
        if (declared.Properties.Count == 0)
        {
            return Instance;
        }

        var properties = new Dictionary<string, TypeSchema>(Instance.Properties);
        foreach (var (name, schema) in declared.Properties)
        {
            properties[name] = schema;
        }

        return new TypeSchema("object", () => properties)
        {
            Definition = Instance.Definition,
            Description = Instance.Description,
            Required = declared.Required,
            Rules = declared.Rules,
        };
    }
}
