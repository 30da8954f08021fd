using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Auth;

/// <summary>Follows bindings to roles.</summary>
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

    /// <summary>The rules of the role that a binding refers to; none if it does not exist.</summary>
    public static IReadOnlyList<PolicyRule> OfRole(IResourceRegistry registry, JsonObject? reference, string? ns)
    {
        var name = reference?.NonEmpty("name") ?? "";
        var role = reference?.NonEmpty("kind") == "Role" && ns is not null
            ? registry.Get(RbacResources.Roles, ns, name)
            : registry.Get(RbacResources.ClusterRoles, null, name);
        return role is null ? [] : OfRole(registry, role.Content);
    }

    /// <summary>A role's own rules, or those that its aggregation rule collects.</summary>
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
