namespace DevCluster.Schema.Resources;

/// <summary>Where the scale subresource finds its numbers, as dotted paths (<c>.spec.replicas</c>).</summary>
public sealed record ScaleSubresource(string SpecReplicasPath, string StatusReplicasPath, string? LabelSelectorPath);
