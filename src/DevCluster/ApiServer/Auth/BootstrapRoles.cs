using DevCluster.ApiServer.Registry;

namespace DevCluster.ApiServer.Auth;

/// <summary>The cluster roles of a new cluster, as far as they speak of resources that exist here.</summary>
internal static class BootstrapRoles
{
    private const string Read = "get list watch";
    private const string Write = "create delete deletecollection patch update";
    private const string ReadWrite = "create delete deletecollection get list patch update watch";

    /// <summary>
    /// Name, the role it aggregates into (or empty), and rules as (groups, resources, verbs); "-" is the core group.
    /// </summary>
    public static IReadOnlyList<(string Name, string AggregateTo, (string Groups, string Resources, string Verbs)[] Rules)> WithRules { get; } =
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

    /// <summary>Roles about paths rather than resources.</summary>
    public static IReadOnlyList<(string Name, string Paths)> WithPaths { get; } =
    [
        ("system:discovery",
            "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"),
        ("system:public-info-viewer", "/healthz /livez /readyz /version /version/"),
    ];

    /// <summary>Roles that collect others, and the role that they themselves are collected by.</summary>
    public static IReadOnlyList<(string Name, string AggregateTo)> Aggregated { get; } =
    [
        ("admin", ""),
        ("edit", "admin"),
        ("view", "edit"),
    ];

    /// <summary>Role and the groups it is bound to.</summary>
    public static IReadOnlyList<(string Role, string[] Groups)> Bindings { get; } =
    [
        ("cluster-admin", [UserInfo.MastersGroup]),
        ("system:discovery", [UserInfo.AuthenticatedGroup]),
        ("system:basic-user", [UserInfo.AuthenticatedGroup]),
        ("system:public-info-viewer", [UserInfo.AuthenticatedGroup, UserInfo.UnauthenticatedGroup]),
    ];
}
