using DevCluster.Schema.Resources;

namespace DevCluster.ApiServer.Catalog;

/// <summary>One version of a group.</summary>
public sealed record ApiGroupVersion(string Version, IReadOnlyList<ResourceDefinition> Resources);
