using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Auth;

/// <summary>The four resources of RBAC.</summary>
internal static class RbacResources
{
    public const string Group = "rbac.authorization.k8s.io";

    public static ResourceId Roles { get; } = new(Group, "roles");

    public static ResourceId RoleBindings { get; } = new(Group, "rolebindings");

    public static ResourceId ClusterRoles { get; } = new(Group, "clusterroles");

    public static ResourceId ClusterRoleBindings { get; } = new(Group, "clusterrolebindings");
}
