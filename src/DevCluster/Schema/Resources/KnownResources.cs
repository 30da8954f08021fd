namespace DevCluster.Schema.Resources;

/// <summary>The built-in resources that admission and the control plane use.</summary>
internal static class KnownResources
{
    public static readonly ResourceId ConfigMaps = new("", "configmaps");
    public static readonly ResourceId Endpoints = new("", "endpoints");
    public static readonly ResourceId Events = new("", "events");
    public static readonly ResourceId LimitRanges = new("", "limitranges");
    public static readonly ResourceId Namespaces = new("", "namespaces");
    public static readonly ResourceId Nodes = new("", "nodes");
    public static readonly ResourceId PersistentVolumeClaims = new("", "persistentvolumeclaims");
    public static readonly ResourceId PersistentVolumes = new("", "persistentvolumes");
    public static readonly ResourceId Pods = new("", "pods");
    public static readonly ResourceId PodTemplates = new("", "podtemplates");
    public static readonly ResourceId ReplicationControllers = new("", "replicationcontrollers");
    public static readonly ResourceId ResourceQuotas = new("", "resourcequotas");
    public static readonly ResourceId Secrets = new("", "secrets");
    public static readonly ResourceId ServiceAccounts = new("", "serviceaccounts");
    public static readonly ResourceId Services = new("", "services");

    public static readonly ResourceId ControllerRevisions = new("apps", "controllerrevisions");
    public static readonly ResourceId DaemonSets = new("apps", "daemonsets");
    public static readonly ResourceId Deployments = new("apps", "deployments");
    public static readonly ResourceId ReplicaSets = new("apps", "replicasets");
    public static readonly ResourceId StatefulSets = new("apps", "statefulsets");

    public static readonly ResourceId CronJobs = new("batch", "cronjobs");
    public static readonly ResourceId Jobs = new("batch", "jobs");

    public static readonly ResourceId CustomResourceDefinitions = new(
        "apiextensions.k8s.io", "customresourcedefinitions");
    public static readonly ResourceId EndpointSlices = new("discovery.k8s.io", "endpointslices");
    public static readonly ResourceId EventsV1 = new("events.k8s.io", "events");
    public static readonly ResourceId HorizontalPodAutoscalers = new("autoscaling", "horizontalpodautoscalers");
    public static readonly ResourceId IngressClasses = new("networking.k8s.io", "ingressclasses");
    public static readonly ResourceId Ingresses = new("networking.k8s.io", "ingresses");
    public static readonly ResourceId Leases = new("coordination.k8s.io", "leases");
    public static readonly ResourceId NetworkPolicies = new("networking.k8s.io", "networkpolicies");
    public static readonly ResourceId PodDisruptionBudgets = new("policy", "poddisruptionbudgets");
    public static readonly ResourceId PriorityClasses = new("scheduling.k8s.io", "priorityclasses");
    public static readonly ResourceId StorageClasses = new("storage.k8s.io", "storageclasses");

    public static readonly ResourceId ClusterRoleBindings = new("rbac.authorization.k8s.io", "clusterrolebindings");
    public static readonly ResourceId ClusterRoles = new("rbac.authorization.k8s.io", "clusterroles");
    public static readonly ResourceId RoleBindings = new("rbac.authorization.k8s.io", "rolebindings");
    public static readonly ResourceId Roles = new("rbac.authorization.k8s.io", "roles");

    /// <summary>
    /// Whether the API server serves the resource without a CRD, so that its validation is implemented here.
    /// </summary>
    public static bool IsBuiltIn(ResourceId resource) =>
        !resource.Group.Contains('.', StringComparison.Ordinal)
        || resource.Group.EndsWith(".k8s.io", StringComparison.Ordinal);
}
