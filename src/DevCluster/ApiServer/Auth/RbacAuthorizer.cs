using System.Collections.Concurrent;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>
/// Decides by roles and bindings. What they grant a user is worked out once for a state of the RBAC objects.
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

    /// <summary>All that a user is granted in a namespace (empty: cluster-wide grants only).</summary>
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
