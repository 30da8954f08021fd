namespace Dynospace.Planning.Options;

/// <summary>
/// The cluster's own gateway or ingress controller. Each has its own way to restrict the sources of requests.
/// </summary>
public enum RouterImplementation
{
    /// <summary>Any other, or one that cannot express trusted ranges.</summary>
    Other,

    /// <summary>Envoy Gateway.</summary>
    EnvoyGateway,

    /// <summary>NGINX Gateway Fabric.</summary>
    NGINXGatewayFabric,

    /// <summary>Traefik.</summary>
    Traefik,

    /// <summary>Istio.</summary>
    Istio,

    /// <summary>ingress-nginx, the community's ingress controller.</summary>
    IngressNginx,
}

/// <summary>
/// One of the cluster's own gateways: the object to which routes are attached, and the pods that forward requests.
/// </summary>
public sealed record GatewayOptions
{
    /// <summary>For <see cref="RouterProvider.GatewayAPI"/>: the Gateway, as namespace/name.</summary>
    public string? Gateway { get; init; }

    /// <summary>For <see cref="RouterProvider.Ingress"/>: the IngressClass.</summary>
    public string IngressClass { get; init; } = "";

    /// <summary>The namespace of the gateway's pods.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>The labels of the gateway's pods.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the same pods could belong to both gateways.</summary>
    internal bool SharesPodsWith(GatewayOptions other) =>
        PodNamespace == other.PodNamespace
        && PodLabels.All(label => !other.PodLabels.TryGetValue(label.Key, out var value) || value == label.Value);
}
