using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Options;

/// <summary>Who brings web requests to web dynos.</summary>
public enum RouterProvider
{
    /// <summary>Dynospace's own routers.</summary>
    Builtin,

    /// <summary>Gateways of the cluster, by HTTPRoutes.</summary>
    GatewayAPI,

    /// <summary>An ingress controller of the cluster, by Ingresses.</summary>
    Ingress,

    /// <summary>Nothing: a cluster for workers, or one whose platform team routes by hand.</summary>
    None,
}

/// <summary>How a router is reached from outside the cluster.</summary>
public enum RouterServiceType
{
    /// <summary>By a load balancer of the cloud.</summary>
    LoadBalancer,

    /// <summary>By a port of every node, for a load balancer that the platform team runs.</summary>
    NodePort,

    /// <summary>Not at all: from within the cluster only.</summary>
    ClusterIP,
}

/// <summary>What the platform team decides about routers. Every value has a default that works.</summary>
public sealed record RouterOptions
{
    /// <summary>The image of this version's router.</summary>
    public const string DefaultImage = "ghcr.io/dynospace/router:0.1.0";

    /// <summary>An app's name, a space's name and two dots precede it, in 253 characters.</summary>
    private const int LongestBaseDomain = 253 - 30 - 63 - 2;

    private const int MostReplicas = 16;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    /// <summary>
    /// Every app is served as <c>app.space.base-domain</c>. Default <c>dynospace.localhost</c>, which leads a browser
    /// to its own machine.
    /// </summary>
    public string BaseDomain { get; init; } = "dynospace.localhost";

    /// <summary>Who brings web requests to web dynos. Default <see cref="RouterProvider.Builtin"/>.</summary>
    public RouterProvider Provider { get; init; } = RouterProvider.Builtin;

    /// <summary>
    /// For providers of the cluster: which gateway or ingress controller it is. Default none that can express trusted
    /// ranges.
    /// </summary>
    public RouterImplementation Implementation { get; init; } = RouterImplementation.Other;

    /// <summary>For providers of the cluster: the gateway of apps without internal routing.</summary>
    public GatewayOptions PublicGateway { get; init; } = new() { IngressClass = "public" };

    /// <summary>
    /// For providers of the cluster: the gateway of apps with internal routing, whose pods no other requests pass.
    /// </summary>
    public GatewayOptions InternalGateway { get; init; } = new() { IngressClass = "internal" };

    /// <summary>
    /// The listener of Gateways that takes requests without TLS, for apps that redirect. Default <c>http</c>.
    /// </summary>
    public string HttpListener { get; init; } = "http";

    /// <summary>
    /// The listener of Gateways that takes requests with TLS, for apps that redirect. Default <c>https</c>.
    /// </summary>
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

    /// <summary>
    /// Annotations of internal Services; a cloud's internal load balancer is asked for here. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> InternalServiceAnnotations { get; init; } =
        new Dictionary<string, string>();

    /// <summary>
    /// Load balancers that hide the client's address and pass it on by PROXY protocol, by CIDR. Default none.
    /// </summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>
    /// The Secret, as namespace/name, of the certificate for hosts that have none of their own. Default none: a
    /// self-signed one.
    /// </summary>
    public string? DefaultCertificate { get; init; }

    /// <summary>How long requests in flight may take to end when a router is to end. Default 30 seconds.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a router goes on listening after it said that it is to end, so that load balancers see it. Default 10
    /// seconds.
    /// </summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Validate() =>
    [
        .. Names(),
        .. Numbers(),
        .. OptionChecks.Ranges("proxyProtocolFrom", ProxyProtocolFrom),
        .. OptionChecks.NotTheInternet("proxyProtocolFrom", ProxyProtocolFrom),
    ];

    private IEnumerable<string> Names()
    {
        foreach (var mistake in OptionChecks.NotEmpty("routerImage", Image))
        {
            yield return mistake;
        }

        if (!HostName.IsValid(BaseDomain) || BaseDomain.Length > LongestBaseDomain)
        {
            yield return $"baseDomain \"{BaseDomain}\" is not a valid base domain: "
                + $"use a lower-case host name of at most {LongestBaseDomain} characters such as apps.example.com.";
        }

        if (DefaultCertificate is { } certificate
            && (certificate.Split('/') is not [var ns, var name] || !HostName.IsValid(ns) || !HostName.IsValid(name)))
        {
            yield return $"routerCertificate \"{certificate}\" names no Secret: use namespace/name.";
        }
    }

    private IEnumerable<string> Numbers()
    {
        if (SharedReplicas is < 1 or > MostReplicas)
        {
            yield return $"sharedRouterReplicas {SharedReplicas} is out of range: use 1 to {MostReplicas}.";
        }

        if (Drain < TimeSpan.FromSeconds(1) || Drain > LongestDrain)
        {
            yield return $"routerDrainSeconds {Drain.TotalSeconds} is out of range: use 1 to 3600.";
        }
    }
}
