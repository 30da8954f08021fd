using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.OpenApi;

/// <summary>Lists the paths of a resource: collection, object, status and scale.</summary>
internal static class ApiPaths
{
    private const string Scale = "io.k8s.api.autoscaling.v1.Scale";

    public static IEnumerable<ApiPath> ForResource(ResourceDefinition resource)
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
            [.. Changes(resource, "", DefinitionNames.ForResource(resource), Kind(resource)), Delete(resource)]);
        if (resource.HasStatus)
        {
            yield return new(
                $"{item}/status",
                parameters,
                [.. Changes(resource, "Status", DefinitionNames.ForResource(resource), Kind(resource))]);
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
        new(
            "post",
            "post",
            Id("create", resource, ""),
            $"create a {resource.Kind}",
            DefinitionNames.ForResource(resource))
        {
            Body = DefinitionNames.ForResource(resource),
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

    /// <summary>The operation ID, such as <c>readAppsV1NamespacedDeploymentStatus</c>.</summary>
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

/// <summary>One path and its operations.</summary>
internal sealed record ApiPath(
    string Path, IReadOnlyList<RequestParameter> Parameters, IReadOnlyList<ApiOperation> Operations);

/// <summary>An operation of the API, independent of the OpenAPI version.</summary>
/// <param name="Method">The HTTP method in lower case.</param>
/// <param name="Action">The verb: <c>list</c>, <c>post</c>, <c>deletecollection</c>, ...</param>
/// <param name="Response">The definition of a successful response.</param>
internal sealed record ApiOperation(string Method, string Action, string Id, string Description, string Response)
{
    public IReadOnlyList<RequestParameter> Parameters { get; init; } = [];

    /// <summary>The definition of the body; null for none.</summary>
    public string? Body { get; init; }

    public IReadOnlyList<int> SuccessCodes { get; init; } = [200];

    /// <summary>The group, version and kind of the request.</summary>
    public required (string Group, string Version, string Kind) Kind { get; init; }

    public bool IsPatch => Method == "patch";
}

/// <summary>One parameter in the path or the query.</summary>
internal sealed record RequestParameter(string Name, string Type, string Description)
{
    public bool IsInPath { get; init; }

    public static readonly RequestParameter ObjectName = new("name", "string", "The object's name.")
    {
        IsInPath = true,
    };
    public static readonly RequestParameter Namespace = new("namespace", "string", "The object's namespace.")
    {
        IsInPath = true,
    };
    public static readonly RequestParameter Pretty = new("pretty", "string", "'true' prints the output indented.");

    /// <summary>
    /// The field validation mode; kubectl checks that it exists before it leaves validation to the server.
    /// </summary>
    private static readonly RequestParameter FieldValidation =
        new("fieldValidation", "string", "How to treat unknown and duplicate fields: Ignore, Warn or Strict.");

    private static readonly RequestParameter DryRun = new("dryRun", "string", "All: run every stage, store nothing.");
    private static readonly RequestParameter FieldManager = new(
        "fieldManager", "string", "The name of the client or user that makes the change, at most 128 characters.");
    private static readonly RequestParameter Force = new(
        "force", "boolean", "Take over fields that other managers own; for apply only.");

    public static readonly IReadOnlyList<RequestParameter> Writing = [DryRun, FieldManager, FieldValidation];
    public static readonly IReadOnlyList<RequestParameter> Patching = [DryRun, FieldManager, FieldValidation, Force];

    public static readonly IReadOnlyList<RequestParameter> Deleting =
    [
        DryRun,
        new("gracePeriodSeconds", "integer", "Seconds until the object is removed; zero removes it at once."),
        new("orphanDependents", "boolean", "Deprecated: use propagationPolicy."),
        new("propagationPolicy", "string", "How to treat dependents: Orphan, Background or Foreground."),
    ];

    public static readonly IReadOnlyList<RequestParameter> Listing =
    [
        new("allowWatchBookmarks", "boolean", "Send BOOKMARK events while watching."),
        new("continue", "string", "The token of the next page."),
        new("fieldSelector", "string", "Only objects whose fields match."),
        new("labelSelector", "string", "Only objects whose labels match."),
        new("limit", "integer", "The size of a page."),
        new("resourceVersion", "string", "The version to read at or to watch from."),
        new("resourceVersionMatch", "string", "How resourceVersion applies: Exact or NotOlderThan."),
        new("sendInitialEvents", "boolean", "Begin a watch with the objects that exist."),
        new("timeoutSeconds", "integer", "Seconds after which the call ends."),
        new("watch", "boolean", "Stream changes instead of a list."),
    ];
}
