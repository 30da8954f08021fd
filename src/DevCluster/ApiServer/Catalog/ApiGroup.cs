using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Catalog;

/// <summary>A group with its versions, the preferred one first, and what each serves.</summary>
public sealed record ApiGroup(string Name, IReadOnlyList<ApiGroupVersion> Versions)
{
    internal static ApiGroup From(IGrouping<string, ResourceDefinition> group) => new(
        group.Key,
        [
            .. group.GroupBy(definition => definition.Version)
                .Select(
                    version => new ApiGroupVersion(
                        version.Key, [.. version.OrderBy(definition => definition.Id.Plural, StringComparer.Ordinal)]))
                .OrderBy(version => version.Version, VersionPriority.Comparer),
        ]);
}
