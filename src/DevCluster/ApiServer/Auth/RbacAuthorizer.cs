// Auth: authentication by tokens, and authorization by RBAC.

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Auth;

/// <summary>
/// Authorizes by roles and bindings. A user's rules are computed once for each state of the RBAC objects.
/// </summary>
internal sealed class RbacAuthorizer(ResourceRegistry registry)
{
    private static readonly ResourceId[] Sources =
        [
            RbacResources.Roles,
            RbacResources.RoleBindings,
            RbacResources.ClusterRoles,
            RbacResources.ClusterRoleBindings,
        ];

    private volatile Grants _grants = new(-1, []);

    public bool IsAllowed(AccessRequest request) =>
        request.User.Groups.Contains(UserInfo.MastersGroup)
        || Rules(request.User, request.Namespace).Any(rule => rule.Allows(request));

    /// <summary>All rules of a user in a namespace (empty: only cluster-wide rules).</summary>
    public IEnumerable<PolicyRule> Rules(UserInfo user, string ns)
    {
        if (user.Groups.Contains(UserInfo.MastersGroup))
        {
            return [new PolicyRule(["*"], ["*"], ["*"], [], []), new PolicyRule(["*"], [], [], [], ["*"])];
        }

        var key = $"{user.Name}\n{string.Join('\n', user.Groups)}\n\n{ns}";
        return Current().Rules.GetOrAdd(key, _ => [.. RbacRules.Resolve(registry, user, ns)]);
    }

    private Grants Current()
    {
        var revision = Sources.Max(registry.Store.LastChange);
        var grants = _grants;
        if (grants.Revision != revision)
        {
            _grants = grants = new Grants(revision, []);
        }

        return grants;
    }

    private sealed record Grants(long Revision, ConcurrentDictionary<string, IReadOnlyList<PolicyRule>> Rules);
}

/// <summary>Resolves bindings to the rules of roles.</summary>
internal static class RbacRules
{
    private const string AccountPrefix = "system:serviceaccount:";

    public static IEnumerable<PolicyRule> Resolve(IResourceRegistry registry, UserInfo user, string ns)
    {
        var cluster = registry.List(RbacResources.ClusterRoleBindings)
            .Where(binding => Binds(binding, user, ""))
            .SelectMany(binding => OfRole(registry, binding.Content["roleRef"] as JsonObject, null));
        var local = ns.Length == 0 ? [] : registry.List(RbacResources.RoleBindings, ns)
            .Where(binding => Binds(binding, user, ns))
            .SelectMany(binding => OfRole(registry, binding.Content["roleRef"] as JsonObject, ns));
        return cluster.Concat(local);
    }

    /// <summary>The rules of the role to which a binding refers; empty if it does not exist.</summary>
    public static IReadOnlyList<PolicyRule> OfRole(IResourceRegistry registry, JsonObject? reference, string? ns)
    {
        var name = reference?.NonEmpty("name") ?? "";
        var role = reference?.NonEmpty("kind") == "Role" && ns is not null
            ? registry.Get(RbacResources.Roles, ns, name)
            : registry.Get(RbacResources.ClusterRoles, null, name);
        return role is null ? [] : OfRole(registry, role.Content);
    }

    /// <summary>A role's own rules, or those that its aggregation rule selects.</summary>
    public static IReadOnlyList<PolicyRule> OfRole(IResourceRegistry registry, JsonObject role) =>
        role["aggregationRule"] is JsonObject
            ? PolicyRule.ReadAll(ClusterRoleAggregation.Collect(registry, role))
            : PolicyRule.ReadAll(role["rules"]);

    private static bool Binds(StoredObject binding, UserInfo user, string ns) =>
        (binding.Content["subjects"] as JsonArray ?? []).OfType<JsonObject>()
            .Any(subject => Matches(subject, user, ns));

    private static bool Matches(JsonObject subject, UserInfo user, string ns)
    {
        var name = subject.NonEmpty("name") ?? "";
        return subject.NonEmpty("kind") switch
        {
            "User" => user.Name == name,
            "Group" => user.Groups.Contains(name),
            "ServiceAccount" => user.Name == $"{AccountPrefix}{subject.NonEmpty("namespace") ?? ns}:{name}",
            _ => false,
        };
    }
}

/// <summary>The four resources of RBAC.</summary>
internal static class RbacResources
{
    public const string Group = "rbac.authorization.k8s.io";

    public static ResourceId Roles { get; } = new(Group, "roles");

    public static ResourceId RoleBindings { get; } = new(Group, "rolebindings");

    public static ResourceId ClusterRoles { get; } = new(Group, "clusterroles");

    public static ResourceId ClusterRoleBindings { get; } = new(Group, "clusterrolebindings");
}

/// <summary>Aggregated ClusterRoles: the rules of all roles with the selected labels.</summary>
internal static class ClusterRoleAggregation
{
    public static JsonArray Collect(IResourceRegistry registry, JsonObject role) =>
        Collect(registry, role, new HashSet<string>(StringComparer.Ordinal) { role.MetadataText("name") ?? "" });

    private static JsonArray Collect(IResourceRegistry registry, JsonObject role, HashSet<string> visited)
    {
        var selectors = role.Items("aggregationRule", "clusterRoleSelectors").Select(LabelSelector.FromJson).ToList();
        var rules = new JsonArray();
        foreach (var candidate in registry.List(RbacResources.ClusterRoles))
        {
            var labels = candidate.Content.Map("metadata", "labels");
            if (!selectors.Exists(selector => selector.Matches(labels)) || !visited.Add(candidate.Name))
            {
                continue;
            }

            var found = candidate.Content["aggregationRule"] is JsonObject
                ? Collect(registry, candidate.Content, visited)
                : candidate.Content["rules"] as JsonArray;
            foreach (var rule in found ?? [])
            {
                if (!rules.Any(known => JsonNode.DeepEquals(known, rule)))
                {
                    rules.Add(rule?.DeepClone());
                }
            }
        }

        return rules;
    }
}
