using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Options;

/// <summary>The component that routes web requests to web dynos.</summary>
public enum RouterProvider
{
    /// <summary>Dynospace's own routers.</summary>
    Builtin,

    /// <summary>Gateways of the cluster, configured with HTTPRoutes.</summary>
    GatewayAPI,

    /// <summary>An ingress controller of the cluster, configured with Ingresses.</summary>
    Ingress,

    /// <summary>None: for a cluster without web apps, or one whose platform team configures routes itself.</summary>
    None,
}

/// <summary>How clients outside the cluster reach a router.</summary>
public enum RouterServiceType
{
    /// <summary>A load balancer of the cloud.</summary>
    LoadBalancer,

    /// <summary>A port of every node, for a load balancer that the platform team runs.</summary>
    NodePort,

    /// <summary>Not at all: it is reachable inside the cluster only.</summary>
    ClusterIP,
}

/// <summary>The platform team's options for routers. Every value has a default that works.</summary>
public sealed record RouterOptions
{
    /// <summary>The image of this version's router.</summary>
    public const string DefaultImage = "ghcr.io/dynospace/router:0.1.0";

    /// <summary>
    /// A host has at most 253 characters, and an app's name, a space's name and two dots precede the base domain.
    /// </summary>
    private const int LongestBaseDomain = 253 - 30 - 63 - 2;

    private const int MostReplicas = 16;
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);

    /// <summary>
    /// The domain of generated hosts, <c>app.space.base-domain</c>. Default <c>dynospace.localhost</c>, which a browser
    /// resolves to its own machine.
    /// </summary>
    public string BaseDomain { get; init; } = "dynospace.localhost";

    /// <summary>
    /// The component that routes web requests to web dynos. Default <see cref="RouterProvider.Builtin"/>.
    /// </summary>
    public RouterProvider Provider { get; init; } = RouterProvider.Builtin;

    /// <summary>
    /// For providers of the cluster: the gateway or ingress controller. Default one that cannot express trusted ranges.
    /// </summary>
    public RouterImplementation Implementation { get; init; } = RouterImplementation.Other;

    /// <summary>For providers of the cluster: the gateway of apps without internal routing.</summary>
    public GatewayOptions PublicGateway { get; init; } = new() { IngressClass = "public" };

    /// <summary>
    /// For providers of the cluster: the gateway of apps with internal routing. Its pods must carry no other requests.
    /// </summary>
    public GatewayOptions InternalGateway { get; init; } = new() { IngressClass = "internal" };

    /// <summary>The Gateways' listener for requests without TLS, for apps that redirect. Default <c>http</c>.</summary>
    public string HttpListener { get; init; } = "http";

    /// <summary>The Gateways' listener for requests with TLS, for apps that redirect. Default <c>https</c>.</summary>
    public string HttpsListener { get; init; } = "https";

    /// <summary>Whether a gateway or ingress controller of the cluster routes requests.</summary>
    public bool IsForeign => Provider is RouterProvider.GatewayAPI or RouterProvider.Ingress;

    /// <summary>The router's image. Default this version's.</summary>
    public string Image { get; init; } = DefaultImage;

    /// <summary>The number of pods of the router that all Common spaces share. Default 2.</summary>
    public int SharedReplicas { get; init; } = Api.SpaceDefaults.RouterReplicas;

    /// <summary>
    /// The Service type of the public listener. Default <see cref="RouterServiceType.LoadBalancer"/>.
    /// </summary>
    public RouterServiceType ServiceType { get; init; } = RouterServiceType.LoadBalancer;

    /// <summary>Annotations of public Services, for the cloud's load balancer. Default none.</summary>
    public IReadOnlyDictionary<string, string> ServiceAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The Service type of the internal listener. Default <see cref="RouterServiceType.ClusterIP"/>.</summary>
    public RouterServiceType InternalServiceType { get; init; } = RouterServiceType.ClusterIP;

    /// <summary>
    /// Annotations of internal Services, for example to request a cloud's internal load balancer. Default none.
    /// </summary>
    public IReadOnlyDictionary<string, string> InternalServiceAnnotations { get; init; } =
        new Dictionary<string, string>();

    /// <summary>
    /// The CIDRs of load balancers that hide the client's address and pass it on by PROXY protocol. Default none.
    /// </summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>
    /// The Secret, as namespace/name, of the certificate for hosts that have none of their own. Default none: a
    /// self-signed one.
    /// </summary>
    public string? DefaultCertificate { get; init; }

    /// <summary>How long requests in flight may take to end when a router stops. Default 30 seconds.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a stopping router keeps listening after its readiness probe fails, so that load balancers notice.
    /// Default 10 seconds.
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
