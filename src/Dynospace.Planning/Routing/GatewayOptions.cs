namespace Dynospace.Planning.Routing;

/// <summary>One of the cluster's own gateways: where routes are attached, and which pods bring the requests.</summary>
public sealed record GatewayOptions
{
    /// <summary>For <see cref="RouterProvider.GatewayAPI"/>: the Gateway, as namespace/name.</summary>
    public string? Gateway { get; init; }

    /// <summary>For <see cref="RouterProvider.Ingress"/>: the IngressClass.</summary>
    public string IngressClass { get; init; } = "";

    /// <summary>The namespace of the pods that requests pass.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>The labels of these pods.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the same pods could stand behind both.</summary>
    internal bool SharesPodsWith(GatewayOptions other) =>
        PodNamespace == other.PodNamespace
        && PodLabels.All(label => !other.PodLabels.TryGetValue(label.Key, out var value) || value == label.Value);
}
