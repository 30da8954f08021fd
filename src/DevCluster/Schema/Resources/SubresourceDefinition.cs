namespace DevCluster.Schema.Resources;

/// <summary>A subresource as discovery lists it.</summary>
/// <param name="Name"><c>log</c>, <c>eviction</c>, ...</param>
/// <param name="Kind">The kind that requests or responses carry.</param>
/// <param name="Verbs">The verbs served, as RBAC names them.</param>
/// <param name="ApiVersion">The kind's group and version where it differs from the resource's, else null.</param>
public sealed record SubresourceDefinition(
    string Name, string Kind, IReadOnlyList<string> Verbs, string? ApiVersion = null);
