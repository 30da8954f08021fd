using Dynospace.Planning.Options;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Components;

/// <summary>Parts that are the same in every system component.</summary>
public static class ComponentParts
{
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const string RbacVersion = $"{RbacGroup}/v1";

    private static readonly string[] Spread = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"];

    /// <summary>The service account. A token is mounted only into pods that ask for one.</summary>
    public static V1ServiceAccount Account(V1ObjectMeta metadata) => new()
    {
        ApiVersion = "v1",
        Kind = "ServiceAccount",
        Metadata = metadata,
        AutomountServiceAccountToken = false,
    };

    /// <summary>A Role and its binding to an account, or a ClusterRole where the metadata names no namespace.</summary>
    /// <param name="metadata">Makes the metadata of each object.</param>
    public static IEnumerable<IKubernetesObject<V1ObjectMeta>> Rights(
        Func<V1ObjectMeta> metadata, IList<V1PolicyRule> rules, Rbacv1Subject account)
    {
        var (role, binding) = (metadata(), metadata());
        if (role.NamespaceProperty is null)
        {
            yield return new V1ClusterRole
            {
                ApiVersion = RbacVersion,
                Kind = "ClusterRole",
                Metadata = role,
                Rules = rules,
            };
            yield return new V1ClusterRoleBinding
            {
                ApiVersion = RbacVersion,
                Kind = "ClusterRoleBinding",
                Metadata = binding,
                RoleRef = new() { ApiGroup = RbacGroup, Kind = "ClusterRole", Name = role.Name },
                Subjects = [account],
            };
            yield break;
        }

        yield return new V1Role { ApiVersion = RbacVersion, Kind = "Role", Metadata = role, Rules = rules };
        yield return new V1RoleBinding
        {
            ApiVersion = RbacVersion,
            Kind = "RoleBinding",
            Metadata = binding,
            RoleRef = new() { ApiGroup = RbacGroup, Kind = "Role", Name = role.Name },
            Subjects = [account],
        };
    }

    /// <summary>The account of a component in the system namespace, as bindings name it.</summary>
    public static Rbacv1Subject Subject(string name, PlatformOptions options) =>
        new() { Kind = "ServiceAccount", Name = name, NamespaceProperty = options.Cluster.SystemNamespace };

    /// <summary>A disruption budget. A pod that is not ready does not block the drain of its node.</summary>
    public static V1PodDisruptionBudget Budget(V1ObjectMeta metadata, IDictionary<string, string> pods) => new()
    {
        ApiVersion = "policy/v1",
        Kind = "PodDisruptionBudget",
        Metadata = metadata,
        Spec = new()
        {
            MaxUnavailable = 1,
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
            Selector = new() { MatchLabels = pods },
        },
    };

    /// <summary>A rollout in which a new pod is ready before an old one is deleted.</summary>
    public static V1DeploymentStrategy Rolling() =>
        new() { Type = "RollingUpdate", RollingUpdate = new() { MaxUnavailable = 0, MaxSurge = 1 } };

    /// <summary>Spreads the pods over nodes and zones as far as possible.</summary>
    public static IList<V1TopologySpreadConstraint> SpreadOver(IDictionary<string, string> pods) =>
    [
        .. Spread.Select(key => new V1TopologySpreadConstraint
        {
            MaxSkew = 1,
            TopologyKey = key,
            WhenUnsatisfiable = "ScheduleAnyway",
            LabelSelector = new() { MatchLabels = pods },
        }),
    ];

    /// <summary>Never root, and only the system calls of the runtime's default seccomp profile.</summary>
    public static V1PodSecurityContext RunAs(long user) =>
        new() { RunAsNonRoot = true, RunAsUser = user, SeccompProfile = new() { Type = "RuntimeDefault" } };
}
