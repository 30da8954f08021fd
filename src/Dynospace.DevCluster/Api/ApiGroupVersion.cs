namespace Dynospace.DevCluster.Api;

/// <summary>One version of a group.</summary>
public sealed record ApiGroupVersion(string Version, IReadOnlyList<ResourceDefinition> Resources);
