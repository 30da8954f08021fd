using System.Collections.Frozen;
using System.Text.Json.Nodes;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Admission;

/// <summary>Refuses objects that are invalid for their kind, and reports all violations at once.</summary>
internal sealed class BuiltInValidation : IAdmissionPlugin
{
    private static readonly FrozenDictionary<ResourceId, Action<JsonObject, JsonObject?, Findings>> Table =
        new Dictionary<ResourceId, Action<JsonObject, JsonObject?, Findings>>
        {
            [KnownResources.Pods] = PodValidation.Pod,
            [KnownResources.Services] = ServiceValidation.Validate,
            [KnownResources.NetworkPolicies] = NetworkPolicyValidation.Validate,
            [KnownResources.Deployments] = WorkloadValidation.Deployment,
            [KnownResources.ReplicaSets] = WorkloadValidation.ReplicaSet,
            [KnownResources.DaemonSets] = WorkloadValidation.DaemonSet,
            [KnownResources.StatefulSets] = WorkloadValidation.StatefulSet,
            [KnownResources.ControllerRevisions] = WorkloadValidation.ControllerRevision,
            [KnownResources.Jobs] = BatchValidation.Job,
            [KnownResources.CronJobs] = BatchValidation.CronJob,
            [KnownResources.Secrets] = ConfigValidation.Secret,
            [KnownResources.ConfigMaps] = ConfigValidation.ConfigMap,
            [KnownResources.Roles] = AccessValidation.Role,
            [KnownResources.ClusterRoles] = AccessValidation.ClusterRole,
            [KnownResources.RoleBindings] = AccessValidation.RoleBinding,
            [KnownResources.ClusterRoleBindings] = AccessValidation.ClusterRoleBinding,
            [KnownResources.EndpointSlices] = EndpointValidation.Slice,
            [KnownResources.Ingresses] = IngressValidation.Ingress,
            [KnownResources.IngressClasses] = IngressValidation.Class,
            [KnownResources.Namespaces] = ClusterValidation.Namespace,
            [KnownResources.Nodes] = ClusterValidation.Node,
            [KnownResources.Leases] = ClusterValidation.Lease,
            [KnownResources.Events] = ClusterValidation.Event,
            [KnownResources.ResourceQuotas] = QuotaValidation.Quota,
            [KnownResources.LimitRanges] = LimitRangeValidation.LimitRange,
            [KnownResources.PodDisruptionBudgets] = ClusterValidation.Budget,
            [KnownResources.PersistentVolumeClaims] = StorageValidation.Claim,
            [KnownResources.StorageClasses] = StorageValidation.Class,
            [KnownResources.HorizontalPodAutoscalers] = AutoscalerValidation.Autoscaler,
            [KnownResources.PriorityClasses] = ClusterValidation.PriorityClass,
        }.ToFrozenDictionary();

    public void Admit(AdmissionContext context)
    {
        if (context.Object is not { } content
            || context.Subresource is not null
            || !KnownResources.IsBuiltIn(context.Resource))
        {
            return;
        }

        var findings = new Findings();
        if (context.Old is not { } old || !content["metadata"].SameAs(old["metadata"]))
        {
            ObjectMetaValidation.Validate(content.Ensure("metadata"), context.Resource, findings);
        }

        if (context.Old is null || !content["spec"].SameAs(context.Old["spec"]))
        {
            PodWarnings.AddTo(context.Warnings, context.Resource, content);
        }

        if (Table.TryGetValue(context.Resource, out var validate))
        {
            validate(content, context.Old, findings);
        }

        if (findings.Errors.Count > 0)
        {
            throw ApiErrors.Invalid(
                context.Resource.Group, content.Text("kind") ?? context.Resource.Plural, context.Name, findings.Errors);
        }
    }
}
