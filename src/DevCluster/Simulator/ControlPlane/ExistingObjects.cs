using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;

namespace DevCluster.Simulator.ControlPlane;

/// <summary>The objects that exist before the first change, presented as additions.</summary>
internal static class ExistingObjects
{
    private static readonly ResourceId[] BuiltIn =
    [
        KnownResources.Namespaces,
        KnownResources.Nodes,
        KnownResources.ServiceAccounts,
        KnownResources.ConfigMaps,
        KnownResources.Secrets,
        KnownResources.Pods,
        KnownResources.Services,
        KnownResources.Events,
        KnownResources.Endpoints,
        KnownResources.EndpointSlices,
        KnownResources.PersistentVolumeClaims,
        KnownResources.Deployments,
        KnownResources.ReplicaSets,
        KnownResources.StatefulSets,
        KnownResources.DaemonSets, KnownResources.ControllerRevisions, KnownResources.Jobs, KnownResources.CronJobs,
        KnownResources.NetworkPolicies,
        KnownResources.Ingresses,
        KnownResources.PodDisruptionBudgets,
        KnownResources.Leases,
        KnownResources.Roles,
        KnownResources.RoleBindings,
        KnownResources.ClusterRoles,
        KnownResources.ClusterRoleBindings,
        KnownResources.CustomResourceDefinitions,
    ];

    public static IEnumerable<ObjectChange> In(IResourceRegistry registry)
    {
        var custom = ListOf(registry, KnownResources.CustomResourceDefinitions)
            .Select(
                crd => new ResourceId(
                    crd.Content.Text("spec", "group") ?? "", crd.Content.Text("spec", "names", "plural") ?? ""));
        return BuiltIn.Concat(custom).SelectMany(resource => ListOf(registry, resource))
            .Select(found => new ObjectChange(ChangeType.Added, found, null));
    }

    private static IReadOnlyList<StoredObject> ListOf(IResourceRegistry registry, ResourceId resource)
    {
        try
        {
            return registry.List(resource);
        }
        catch (ApiStatusException)
        {
            return [];
        }
    }
}
