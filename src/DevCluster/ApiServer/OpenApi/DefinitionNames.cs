using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>What the definitions of a resource are called.</summary>
internal static class DefinitionNames
{
    public const string Patch = Meta + "Patch";
    public const string Status = Meta + "Status";
    public const string DeleteOptions = Meta + "DeleteOptions";
    public const string ListMeta = Meta + "ListMeta";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>
    /// <c>io.k8s.api.core.v1.Pod</c>; for a CRD's kind the group reversed, <c>dev.example.v1.Thing</c>.
    /// </summary>
    public static string Of(ResourceDefinition resource) =>
        resource.Schema.Definition ?? $"{Package(resource)}.{resource.Kind}";

    public static string OfList(ResourceDefinition resource) => $"{Package(resource)}.{resource.ListKind}";

    private static string Package(ResourceDefinition resource) =>
        resource.Schema.Definition is { } definition
            ? definition[..definition.LastIndexOf('.')]
            : string.Join('.', resource.Id.Group.Split('.').Reverse().Append(resource.Version));
}
