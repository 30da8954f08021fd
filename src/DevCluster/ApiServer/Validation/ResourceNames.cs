using System.Collections.Frozen;
using DevCluster.Schema.Names;
using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Validation;

/// <summary>Which format the names of a resource have.</summary>
internal static class ResourceNames
{
    private static readonly FrozenDictionary<ResourceId, Func<string, IEnumerable<string>>> Rules =
        new Dictionary<ResourceId, Func<string, IEnumerable<string>>>
        {
            [KnownResources.Namespaces] = NameFormats.Label,
            [KnownResources.Services] = NameFormats.Label,
            [KnownResources.StatefulSets] = NameFormats.Label,
            [KnownResources.CronJobs] = CronJob,
            [KnownResources.Roles] = NameFormats.PathSegment,
            [KnownResources.RoleBindings] = NameFormats.PathSegment,
            [KnownResources.ClusterRoles] = NameFormats.PathSegment,
            [KnownResources.ClusterRoleBindings] = NameFormats.PathSegment,
        }.ToFrozenDictionary();

    public static Func<string, IEnumerable<string>> For(ResourceId resource) =>
        Rules.GetValueOrDefault(resource, NameFormats.Subdomain);

    // The jobs that a cron job makes append eleven characters, and theirs must fit a label.
    private static IEnumerable<string> CronJob(string name) =>
        name.Length > 52 ? ["must be no more than 52 characters"] : NameFormats.Subdomain(name);
}
