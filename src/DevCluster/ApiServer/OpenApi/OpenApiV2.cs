using System.Text.Json.Nodes;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>The document at <c>/openapi/v2</c>, about everything, for older clients.</summary>
public static class OpenApiV2
{
    public static JsonObject Document(IReadOnlyList<ResourceDefinition> all)
    {
        var schemas = new SchemaWriter(Dialect.V2);
        var paths = new PathsWriter(schemas).Write(all);
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.0" },
            ["paths"] = paths,
            ["definitions"] = DefinitionsWriter.Write(all, schemas),
        };
    }

    /// <summary>The same as <c>application/com.github.proto-openapi.spec.v2@v1.0+protobuf</c>.</summary>
    public static byte[] Protobuf(IReadOnlyList<ResourceDefinition> all) => GnosticDocument.Encode(Document(all));
}
