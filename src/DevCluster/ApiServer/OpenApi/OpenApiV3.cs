using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>The documents below <c>/openapi/v3</c>, one a group version.</summary>
public static class OpenApiV3
{
    /// <summary>Describes the paths of one group version and every type they speak of.</summary>
    public static JsonObject Document(IReadOnlyList<ResourceDefinition> resourcesOfOneGroupVersion)
    {
        var schemas = new SchemaWriter(Dialect.V3);
        var paths = new PathsWriter(schemas).Write(resourcesOfOneGroupVersion);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = DefinitionsWriter.Write(resourcesOfOneGroupVersion, schemas),
            },
        };
    }
}
