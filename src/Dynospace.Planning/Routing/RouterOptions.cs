namespace Dynospace.Planning.Routing;

/// <summary>What the platform team decides about routers. Every value has a default that works.</summary>
public sealed record RouterOptions
{
    /// <summary>The image of this version's router.</summary>
    public const string DefaultImage = "ghcr.io/dynospace/router:0.1.0";

    /// <summary>Who brings web requests to web dynos. Default <see cref="RouterProvider.Builtin"/>.</summary>
    public RouterProvider Provider { get; init; } = RouterProvider.Builtin;

    /// <summary>For providers of the cluster: which gateway or ingress controller it is. Default none that can express trusted ranges.</summary>
    public RouterImplementation Implementation { get; init; } = RouterImplementation.Other;

    /// <summary>For providers of the cluster: the gateway of apps without internal routing.</summary>
    public GatewayOptions PublicGateway { get; init; } = new() { IngressClass = "public" };

    /// <summary>For providers of the cluster: the gateway of apps with internal routing, whose pods no other requests pass.</summary>
    public GatewayOptions InternalGateway { get; init; } = new() { IngressClass = "internal" };

    /// <summary>The listener of Gateways that takes requests without TLS, for apps that redirect. Default <c>http</c>.</summary>
    public string HttpListener { get; init; } = "http";

    /// <summary>The listener of Gateways that takes requests with TLS, for apps that redirect. Default <c>https</c>.</summary>
    public string HttpsListener { get; init; } = "https";

    /// <summary>Whether requests come by a gateway or ingress controller of the cluster.</summary>
    public bool IsForeign => Provider is RouterProvider.GatewayAPI or RouterProvider.Ingress;

    /// <summary>The router's image. Default this version's.</summary>
    public string Image { get; init; } = DefaultImage;

    /// <summary>The pods of the router that all Common spaces share. Default 2.</summary>
    public int SharedReplicas { get; init; } = Api.SpaceDefaults.RouterReplicas;

    /// <summary>How the public listener is reached. Default <see cref="RouterServiceType.LoadBalancer"/>.</summary>
    public RouterServiceType ServiceType { get; init; } = RouterServiceType.LoadBalancer;

    /// <summary>Annotations of public Services, by which clouds take orders. Default none.</summary>
    public IReadOnlyDictionary<string, string> ServiceAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>How the internal listener is reached. Default <see cref="RouterServiceType.ClusterIP"/>.</summary>
    public RouterServiceType InternalServiceType { get; init; } = RouterServiceType.ClusterIP;

    /// <summary>Annotations of internal Services; a cloud's internal load balancer is asked for here. Default none.</summary>
    public IReadOnlyDictionary<string, string> InternalServiceAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Load balancers that hide the client's address and tell it by PROXY protocol, by CIDR. Default none.</summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>The Secret, as namespace/name, of the certificate for hosts that have none of their own. Default none: a self-signed one.</summary>
    public string? DefaultCertificate { get; init; }

    /// <summary>How long requests in flight may take to end when a router is to end. Default 30 seconds.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a router goes on listening after it said that it is to end, so that load balancers see it. Default 10 seconds.</summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);
}
