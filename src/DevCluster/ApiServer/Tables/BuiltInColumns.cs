// Tables: the columns of built-in kinds in kubectl get.

using System.Text.Json.Nodes;
using DevCluster.Schema.Printing;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Tables;

/// <summary>The columns of the built-in resources, as the real API prints them.</summary>
public static class BuiltInColumns
{
    private static readonly IReadOnlyList<TableColumn> Fallback = [Columns.Name, Columns.AgeText];

    private static readonly Dictionary<ResourceId, IReadOnlyList<TableColumn>> Table = new()
    {
        [new("", "pods")] = PodColumns.All,
        [new("", "nodes")] = NodeColumns.All,
        [new("", "namespaces")] = CoreColumns.Namespaces,
        [new("", "configmaps")] = CoreColumns.ConfigMaps,
        [new("", "secrets")] = CoreColumns.Secrets,
        [new("", "events")] = EventColumns.All,
        [new("events.k8s.io", "events")] = EventColumns.All,
        [new("", "resourcequotas")] = CoreColumns.ResourceQuotas,
        [new("", "persistentvolumes")] = StorageColumns.PersistentVolumes,
        [new("", "persistentvolumeclaims")] = StorageColumns.PersistentVolumeClaims,
        [new("storage.k8s.io", "storageclasses")] = StorageColumns.StorageClasses,
        [new("", "services")] = NetworkColumns.Services,
        [new("", "endpoints")] = NetworkColumns.Endpoints,
        [new("discovery.k8s.io", "endpointslices")] = NetworkColumns.EndpointSlices,
        [new("networking.k8s.io", "networkpolicies")] = NetworkColumns.NetworkPolicies,
        [new("networking.k8s.io", "ingresses")] = NetworkColumns.Ingresses,
        [new("networking.k8s.io", "ingressclasses")] = NetworkColumns.IngressClasses,
        [new("apps", "deployments")] = WorkloadColumns.Deployments,
        [new("apps", "replicasets")] = WorkloadColumns.ReplicaSets,
        [new("apps", "daemonsets")] = WorkloadColumns.DaemonSets,
        [new("apps", "statefulsets")] = WorkloadColumns.StatefulSets,
        [new("apps", "controllerrevisions")] = WorkloadColumns.ControllerRevisions,
        [new("", "replicationcontrollers")] = WorkloadColumns.ReplicaSets,
        [new("", "podtemplates")] = WorkloadColumns.PodTemplates,
        [new("batch", "jobs")] = JobColumns.Jobs,
        [new("batch", "cronjobs")] = JobColumns.CronJobs,
        [new("policy", "poddisruptionbudgets")] = PolicyColumns.DisruptionBudgets,
        [new("autoscaling", "horizontalpodautoscalers")] = PolicyColumns.Autoscalers,
        [new("scheduling.k8s.io", "priorityclasses")] = PolicyColumns.PriorityClasses,
        [new("coordination.k8s.io", "leases")] = PolicyColumns.Leases,
        [new("node.k8s.io", "runtimeclasses")] = PolicyColumns.RuntimeClasses,
        [new("rbac.authorization.k8s.io", "roles")] = RbacColumns.Roles,
        [new("rbac.authorization.k8s.io", "clusterroles")] = RbacColumns.Roles,
        [new("rbac.authorization.k8s.io", "rolebindings")] = RbacColumns.RoleBindings,
        [new("rbac.authorization.k8s.io", "clusterrolebindings")] = RbacColumns.RoleBindings,
        [new("apiextensions.k8s.io", "customresourcedefinitions")] = RbacColumns.Roles,
    };

    /// <summary>The columns of a resource, including its name; by default Name and Age.</summary>
    public static IReadOnlyList<TableColumn> For(ResourceId resource) => Table.GetValueOrDefault(resource, Fallback);
}

/// <summary>Formats label selectors as kubectl does.</summary>
internal static class SelectorText
{
    public static string Format(JsonNode? selector) => LabelSelector.FromJson(selector).ToString();

    public static string OrNone(JsonNode? selector) =>
        Format(selector) is { Length: > 0 } text ? text : Columns.None;

    /// <summary>Formats a map of labels.</summary>
    public static string Labels(JsonNode? labels) =>
        Columns.Join(
            (labels as JsonObject ?? []).OrderBy(label => label.Key, StringComparer.Ordinal)
                .Select(label => $"{label.Key}={label.Value.Cell()}"));
}
