using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>Lists the paths of a resource: the collection, the object, its status and scale.</summary>
internal static class ApiPaths
{
    private const string Scale = "io.k8s.api.autoscaling.v1.Scale";

    public static IEnumerable<ApiPath> Of(ResourceDefinition resource)
    {
        var root = resource.Id.Group.Length == 0
            ? $"/api/{resource.Version}"
            : $"/apis/{resource.Id.Group}/{resource.Version}";
        var scope = resource.IsNamespaced ? $"{root}/namespaces/{{namespace}}" : root;
        var collection = $"{scope}/{resource.Id.Plural}";
        RequestParameter[] scopeParameters = resource.IsNamespaced
            ? [RequestParameter.Namespace, RequestParameter.Pretty]
            : [RequestParameter.Pretty];
        if (resource.IsVirtual)
        {
            yield return new(collection, scopeParameters, [Create(resource)]);
            yield break;
        }

        yield return new(collection, scopeParameters, [.. Collection(resource)]);
        if (resource.IsNamespaced)
        {
            yield return new(
                $"{root}/{resource.Id.Plural}", [RequestParameter.Pretty], [List(resource, "ForAllNamespaces")]);
        }

        RequestParameter[] parameters = [RequestParameter.ObjectName, .. scopeParameters];
        var item = $"{collection}/{{name}}";
        yield return new(
            item,
            parameters,
            [.. Changes(resource, "", DefinitionNames.Of(resource), Kind(resource)), Delete(resource)]);
        if (resource.HasStatus)
        {
            yield return new(
                $"{item}/status",
                parameters,
                [.. Changes(resource, "Status", DefinitionNames.Of(resource), Kind(resource))]);
        }

        if (resource.Scale is not null)
        {
            yield return new(
                $"{item}/scale", parameters, [.. Changes(resource, "Scale", Scale, ("autoscaling", "v1", "Scale"))]);
        }
    }

    private static IEnumerable<ApiOperation> Collection(ResourceDefinition resource)
    {
        yield return List(resource, "");
        yield return Create(resource);
        if (resource.HasDeleteCollection)
        {
            yield return new(
                "delete",
                "deletecollection",
                Id("deleteCollection", resource, ""),
                $"delete collection of {resource.Kind}",
                DefinitionNames.Status)
            {
                Body = DefinitionNames.DeleteOptions,
                Parameters =
                [
                    .. RequestParameter.Deleting,
                    .. RequestParameter.Listing.Where(p => p.Name.EndsWith("Selector", StringComparison.Ordinal)),
                ],
                Kind = Kind(resource),
            };
        }
    }

    private static ApiOperation List(ResourceDefinition resource, string suffix) =>
        new("get", "list", Id(
            "list",
            resource,
            suffix), $"list or watch objects of kind {resource.Kind}", DefinitionNames.OfList(resource))
        {
            Parameters = RequestParameter.Listing,
            Kind = Kind(resource),
        };

    private static ApiOperation Create(ResourceDefinition resource) =>
        new("post", "post", Id("create", resource, ""), $"create a {resource.Kind}", DefinitionNames.Of(resource))
        {
            Body = DefinitionNames.Of(resource),
            Parameters = RequestParameter.Writing,
            SuccessCodes = [200, 201, 202],
            Kind = Kind(resource),
        };

    private static ApiOperation Delete(ResourceDefinition resource) =>
        new("delete", "delete", Id("delete", resource, ""), $"delete a {resource.Kind}", DefinitionNames.Status)
        {
            Body = DefinitionNames.DeleteOptions,
            Parameters = RequestParameter.Deleting,
            SuccessCodes = [200, 202],
            Kind = Kind(resource),
        };

    private static IEnumerable<ApiOperation> Changes(
        ResourceDefinition resource, string subresource, string definition, (string, string, string) kind)
    {
        var what = subresource.Length == 0 ? resource.Kind : $"{subresource.ToLowerInvariant()} of the {resource.Kind}";
        yield return new("get", "get", Id("read", resource, subresource), $"read the {what}", definition)
        {
            Kind = kind,
        };
        yield return new("put", "put", Id("replace", resource, subresource), $"replace the {what}", definition)
        {
            Body = definition,
            Parameters = RequestParameter.Writing,
            SuccessCodes = [200, 201],
            Kind = kind,
        };
        yield return new(
            "patch", "patch", Id("patch", resource, subresource), $"partially update the {what}", definition)
        {
            Body = DefinitionNames.Patch,
            Parameters = RequestParameter.Patching,
            SuccessCodes = [200, 201],
            Kind = kind,
        };
    }

    private static (string Group, string Version, string Kind) Kind(ResourceDefinition resource) =>
        (resource.Id.Group, resource.Version, resource.Kind);

    /// <summary><c>readAppsV1NamespacedDeploymentStatus</c>.</summary>
    private static string Id(string verb, ResourceDefinition resource, string suffix)
    {
        var group = resource.Id.Group.Length == 0
            ? "Core"
            : string.Concat(resource.Id.Group.Split('.', '-').Select(Capital));
        var scope = resource.IsNamespaced && suffix != "ForAllNamespaces" ? "Namespaced" : "";
        return $"{verb}{group}{Capital(resource.Version)}{scope}{resource.Kind}{suffix}";
    }

    private static string Capital(string word) => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..];
}
