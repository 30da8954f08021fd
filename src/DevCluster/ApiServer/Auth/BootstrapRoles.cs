using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using BootstrapRule = (string Groups, string Resources, string Verbs);

namespace DevCluster.ApiServer.Auth;

/// <summary>The cluster roles of a new cluster, reduced to the resources that exist here.</summary>
internal static class BootstrapRoles
{
    private const string Read = "get list watch";
    private const string Write = "create delete deletecollection patch update";
    private const string ReadWrite = "create delete deletecollection get list patch update watch";

    /// <summary>
    /// Name, the role into which it aggregates (or empty), and rules as (groups, resources, verbs); "-" is the core
    /// group.
    /// </summary>
    public static IReadOnlyList<(string Name, string AggregateTo, BootstrapRule[] Rules)> WithRules { get; } =
    [
        ("cluster-admin", "", [("*", "*", "*")]),
        ("system:basic-user", "",
        [
            ("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
            ("authentication.k8s.io", "selfsubjectreviews", "create"),
        ]),
        ("system:aggregate-to-admin", "admin",
        [
            ("authorization.k8s.io", "localsubjectaccessreviews", "create"),
            ("rbac.authorization.k8s.io", "rolebindings roles", ReadWrite),
        ]),
        ("system:aggregate-to-edit", "edit",
        [
            ("-", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", Read),
            ("-", "serviceaccounts", "impersonate"),
            ("-", "pods pods/attach pods/exec pods/portforward pods/proxy", Write),
            ("-", "pods/eviction", "create"),
            ("-", "configmaps persistentvolumeclaims secrets serviceaccounts services services/proxy", Write),
            ("-", "serviceaccounts/token", "create"),
            ("- events.k8s.io", "events", Write),
            ("apps", "daemonsets deployments deployments/scale replicasets replicasets/scale statefulsets "
                + "statefulsets/scale", Write),
            ("autoscaling", "horizontalpodautoscalers", Write),
            ("batch", "cronjobs jobs", Write),
            ("policy", "poddisruptionbudgets", Write),
            ("networking.k8s.io", "ingresses networkpolicies", Write),
            ("coordination.k8s.io", "leases", ReadWrite),
        ]),
        ("system:aggregate-to-view", "view",
        [
            ("-", "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods serviceaccounts "
                + "services services/status", Read),
            ("-",
                "bindings limitranges namespaces/status pods/log pods/status resourcequotas resourcequotas/status",
                    Read),
            ("-", "namespaces", Read),
            ("- events.k8s.io", "events", Read),
            ("discovery.k8s.io", "endpointslices", Read),
            ("apps",
                "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status",
                    Read),
            ("apps", "replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale "
                + "statefulsets/status", Read),
            ("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", Read),
            ("batch", "cronjobs cronjobs/status jobs jobs/status", Read),
            ("policy", "poddisruptionbudgets poddisruptionbudgets/status", Read),
            ("networking.k8s.io", "ingresses ingresses/status networkpolicies", Read),
        ]),
    ];

    /// <summary>Roles for non-resource URLs.</summary>
    public static IReadOnlyList<(string Name, string Paths)> WithPaths { get; } =
    [
        ("system:discovery",
            "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"),
        ("system:public-info-viewer", "/healthz /livez /readyz /version /version/"),
    ];

    /// <summary>Aggregated roles, and the role into which each aggregates in turn.</summary>
    public static IReadOnlyList<(string Name, string AggregateTo)> Aggregated { get; } =
    [
        ("admin", ""),
        ("edit", "admin"),
        ("view", "edit"),
    ];

    /// <summary>Each role with the groups to which it is bound.</summary>
    public static IReadOnlyList<(string Role, string[] Groups)> Bindings { get; } =
    [
        ("cluster-admin", [UserInfo.MastersGroup]),
        ("system:discovery", [UserInfo.AuthenticatedGroup]),
        ("system:basic-user", [UserInfo.AuthenticatedGroup]),
        ("system:public-info-viewer", [UserInfo.AuthenticatedGroup, UserInfo.UnauthenticatedGroup]),
    ];
}

/// <summary>Creates the initial roles and bindings, and the rules of aggregated roles.</summary>
internal static class RbacBootstrap
{
    private const string AggregateLabel = "rbac.authorization.k8s.io/aggregate-to-";

    private static readonly WriteOptions Options = new("kube-apiserver");

    public static void Create(IResourceRegistry registry)
    {
        foreach (var (name, aggregateTo, rules) in BootstrapRoles.WithRules)
        {
            var list = rules.Select(rule => Rule(rule.Groups, rule.Resources, rule.Verbs)).ToList();
            if (name == "cluster-admin")
            {
                list.Add(PathRule("*", "*"));
            }

            var role = Role(name, aggregateTo);
            role["rules"] = new JsonArray([.. list]);
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }

        foreach (var (name, paths) in BootstrapRoles.WithPaths)
        {
            var role = Role(name, "");
            role["rules"] = new JsonArray(PathRule(paths, "get"));
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }

        CreateAggregated(registry);
        foreach (var (role, groups) in BootstrapRoles.Bindings)
        {
            registry.Create(RbacResources.ClusterRoleBindings, Binding(role, groups), Options);
        }
    }

    // From the narrowest role to the widest, because each aggregates the previous one.
    private static void CreateAggregated(IResourceRegistry registry)
    {
        foreach (var (name, aggregateTo) in BootstrapRoles.Aggregated.Reverse())
        {
            var role = Role(name, aggregateTo);
            role["aggregationRule"] = new JsonObject
            {
                ["clusterRoleSelectors"] = new JsonArray(
                    new JsonObject { ["matchLabels"] = new JsonObject { [AggregateLabel + name] = "true" } }),
            };
            role["rules"] = ClusterRoleAggregation.Collect(registry, role);
            registry.Create(RbacResources.ClusterRoles, role, Options);
        }
    }

    private static JsonObject Role(string name, string aggregateTo)
    {
        var labels = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" };
        if (aggregateTo.Length > 0)
        {
            labels[AggregateLabel + aggregateTo] = "true";
        }

        return new JsonObject { ["metadata"] = Metadata(name, labels) };
    }

    private static JsonObject Binding(string role, string[] groups) => new()
    {
        ["metadata"] = Metadata(role, new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" }),
        ["roleRef"] = new JsonObject { ["apiGroup"] = RbacResources.Group, ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(
            [
                .. groups.Select(
                    group => new JsonObject
                    {
                        ["apiGroup"] = RbacResources.Group,
                        ["kind"] = "Group",
                        ["name"] = group,
                    }),
            ]),
    };

    private static JsonObject Metadata(string name, JsonObject labels) => new()
    {
        ["name"] = name,
        ["labels"] = labels,
        ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
    };

    private static JsonObject Rule(string groups, string resources, string verbs) => new()
    {
        ["apiGroups"] = Texts(groups),
        ["resources"] = Texts(resources),
        ["verbs"] = Texts(verbs),
    };

    private static JsonObject PathRule(string paths, string verbs) =>
        new() { ["nonResourceURLs"] = Texts(paths), ["verbs"] = Texts(verbs) };

    private static JsonArray Texts(string words) =>
        new([.. words.Split(' ').Select(word => (JsonNode)(word == "-" ? "" : word))]);
}
