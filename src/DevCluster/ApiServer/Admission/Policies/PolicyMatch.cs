using System.Text.Json.Nodes;
using DevCluster.ApiServer.Catalog;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>The match of a policy or binding with a request, and the matched version of the resource.</summary>
internal sealed record PolicyMatch(ResourceDefinition Definition)
{
    /// <summary>The match; null if the rules or selectors exclude the request.</summary>
    public static PolicyMatch? Find(
        JsonObject constraints, AdmissionContext context, JsonObject? ns, CatalogSnapshot catalog)
    {
        if (!MatchesNamespace(constraints.Map("namespaceSelector"), context, ns)
            || !MatchesObject(constraints.Map("objectSelector"), context))
        {
            return null;
        }

        var isExact = constraints.Text("matchPolicy") == "Exact";
        if (FindRule(constraints.Items("excludeResourceRules"), context, catalog, isExact) is not null)
        {
            return null;
        }

        var rules = constraints.Items("resourceRules");
        return rules.Count == 0
            ? new PolicyMatch(context.Definition)
            : FindRule(rules, context, catalog, isExact) is { } definition ? new PolicyMatch(definition) : null;
    }

    public static string OperationOf(AdmissionContext context) => context switch
    {
        // Here a binding is written as a change of the pod; in the real API it is a separate object.
        { Subresource: "binding" } => "CREATE",
        _ => context.Operation.ToString().ToUpperInvariant(),
    };

    public static JsonObject ResourceOf(ResourceDefinition definition) => new()
    {
        ["group"] = definition.Id.Group,
        ["version"] = definition.Version,
        ["resource"] = definition.Id.Plural,
    };

    /// <summary>The kind of the request's object, which may differ for a subresource.</summary>
    public JsonObject Kind(AdmissionContext context)
    {
        var content = context.Object ?? context.Old;
        var apiVersion = context.Subresource is null ? Definition.ApiVersion : content.Text("apiVersion") ?? "v1";
        var (group, version) = ApiVersions.Split(apiVersion);
        return new JsonObject
        {
            ["group"] = group,
            ["version"] = version,
            ["kind"] = context.Subresource is null ? Definition.Kind : content.Text("kind") ?? Definition.Kind,
        };
    }

    /// <summary>The object in the matched version.</summary>
    public JsonObject? InVersion(JsonObject? content)
    {
        if (content is null
            || content.Text("kind") != Definition.Kind
            || content.Text("apiVersion") == Definition.ApiVersion)
        {
            return content;
        }

        var converted = content.DeepClone().AsObject();
        converted["apiVersion"] = Definition.ApiVersion;
        return converted;
    }

    private static bool MatchesNamespace(JsonObject? selector, AdmissionContext context, JsonObject? ns)
    {
        var isNamespace = context.Resource == KnownResources.Namespaces;
        if (context.Namespace is null && !isNamespace)
        {
            // Namespace selectors do not exclude cluster-scoped objects.
            return true;
        }

        var judged = isNamespace && context.Subresource is null && context.Object is not null ? context.Object : ns;
        return LabelSelector.Selects(selector ?? [], judged.Map("metadata", "labels"));
    }

    private static bool MatchesObject(JsonObject? selector, AdmissionContext context) =>
        IsEmpty(selector)
        || (context.Object is { } content && LabelSelector.Selects(selector, content.Map("metadata", "labels")))
        || (context.Old is { } old && LabelSelector.Selects(selector, old.Map("metadata", "labels")));

    private static bool IsEmpty(JsonObject? selector) =>
        selector.Map("matchLabels") is not { Count: > 0 } && selector.List("matchExpressions") is not { Count: > 0 };

    private static ResourceDefinition? FindRule(
        IReadOnlyList<JsonObject> rules, AdmissionContext context, CatalogSnapshot catalog, bool isExact)
    {
        if (rules.Any(rule => Matches(rule, context, context.Definition)))
        {
            return context.Definition;
        }

        return isExact || rules.Count == 0 ? null : catalog.All
            .Where(other => other.StorageId == context.Resource && other != context.Definition)
            .FirstOrDefault(other => rules.Any(rule => Matches(rule, context, other)));
    }

    private static bool Matches(JsonObject rule, AdmissionContext context, ResourceDefinition definition) =>
        MatchesScope(rule.Text("scope"), context)
        && Has(rule.Texts("operations"), OperationOf(context))
        && Has(rule.Texts("apiGroups"), definition.Id.Group)
        && Has(rule.Texts("apiVersions"), definition.Version)
        && rule.Texts("resources").Any(pattern => MatchesResource(pattern, context, definition))
        && (rule.Texts("resourceNames") is { Count: 0 } || rule.Texts("resourceNames").Contains(context.Name));

    private static bool MatchesScope(string? scope, AdmissionContext context) => scope switch
    {
        "Namespaced" => context.Namespace is not null,
        "Cluster" => context.Namespace is null,
        _ => true,
    };

    private static bool MatchesResource(string pattern, AdmissionContext context, ResourceDefinition definition)
    {
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        var (resource, subresource) = slash < 0 ? (pattern, "") : (pattern[..slash], pattern[(slash + 1)..]);
        return (resource == "*" || resource == definition.Id.Plural)
            && (subresource == "*" || subresource == (context.Subresource ?? ""));
    }

    private static bool Has(IReadOnlyList<string> items, string wanted) =>
        items.Contains("*") || items.Contains(wanted);
}
