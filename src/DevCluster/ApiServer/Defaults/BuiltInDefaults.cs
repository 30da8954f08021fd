// Defaults: the values of omitted fields of built-in kinds.

using System.Collections.Frozen;
using System.Text.Json.Nodes;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Defaults;

/// <summary>Applies the defaults that the API server sets when it decodes an object of a built-in kind.</summary>
internal static class BuiltInDefaults
{
    private static readonly FrozenDictionary<ResourceId, Action<JsonObject>> Table =
        new Dictionary<ResourceId, Action<JsonObject>>
        {
            [KnownResources.Pods] = PodDefaults.Pod,
            [KnownResources.PodTemplates] = content => PodDefaults.Template(content.Ensure("template")),
            [KnownResources.Services] = ServiceDefaults.Service,
            [KnownResources.Deployments] = WorkloadDefaults.Deployment,
            [KnownResources.ReplicaSets] = WorkloadDefaults.ReplicaSet,
            [KnownResources.DaemonSets] = WorkloadDefaults.DaemonSet,
            [KnownResources.StatefulSets] = WorkloadDefaults.StatefulSet,
            [KnownResources.Jobs] = BatchDefaults.Job,
            [KnownResources.CronJobs] = BatchDefaults.CronJob,
            [KnownResources.NetworkPolicies] = NetworkDefaults.NetworkPolicy,
            [KnownResources.EndpointSlices] = NetworkDefaults.EndpointSlice,
            [KnownResources.Endpoints] = NetworkDefaults.Endpoints,
            [KnownResources.Roles] = AccessDefaults.Role,
            [KnownResources.RoleBindings] = AccessDefaults.Binding,
            [KnownResources.ClusterRoleBindings] = AccessDefaults.Binding,
            [KnownResources.Namespaces] = NamespaceDefaults.Namespace,
            [KnownResources.Events] = NamespaceDefaults.Event,
            [KnownResources.Secrets] = StorageDefaults.Secret,
            [KnownResources.PersistentVolumeClaims] = StorageDefaults.Claim,
            [KnownResources.StorageClasses] = StorageDefaults.Class,
            [KnownResources.HorizontalPodAutoscalers] = ScalingDefaults.Autoscaler,
            [KnownResources.PriorityClasses] = content => content.Default("preemptionPolicy", "PreemptLowerPriority"),
            [KnownResources.LimitRanges] = ScalingDefaults.LimitRange,
            [new ResourceId("admissionregistration.k8s.io", "validatingwebhookconfigurations")] =
                AdmissionDefaults.Validating,
            [new ResourceId("admissionregistration.k8s.io", "mutatingwebhookconfigurations")] =
                AdmissionDefaults.Mutating,
            [new ResourceId("admissionregistration.k8s.io", "validatingadmissionpolicies")] = AdmissionDefaults.Policy,
            [new ResourceId("admissionregistration.k8s.io", "validatingadmissionpolicybindings")] =
                AdmissionDefaults.PolicyBinding,
        }.ToFrozenDictionary();

    public static void Apply(ResourceId resource, JsonObject content)
    {
        if (Table.TryGetValue(resource, out var apply))
        {
            apply(content);
        }
    }
}
