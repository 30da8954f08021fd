using System.Net;
using System.Net.Sockets;
using Dynospace.Api;
using Dynospace.Router.Cluster;
using Dynospace.Runtime;
using k8s;

namespace Dynospace.Router.Hosting;

/// <summary>How one router process runs.</summary>
public sealed record RouterProcessOptions
{
    /// <summary>How to reach the API server.</summary>
    public required KubernetesClientConfiguration Client { get; init; }

    /// <summary>What it serves.</summary>
    public RouterScope Scope { get; init; } = new(ListenerKind.Public, null);

    /// <summary>
    /// The namespace in which the operator publishes the addresses of the cluster and of dynos; null if every address
    /// counts as a client's.
    /// </summary>
    public string? SystemNamespace { get; init; }

    /// <summary>
    /// Where it listens: on all addresses of both families, or only of IPv4 if the kernel has no IPv6. A dev cluster
    /// uses loopback.
    /// </summary>
    public IPAddress Address { get; init; } = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>The port of plain HTTP; 0 for any free one.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>The port of HTTPS; 0 for any free one.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>The port that clients use for plain HTTP, sent in X-Forwarded-Port.</summary>
    public int PublicHttpPort { get; init; } = 80;

    /// <summary>The port that clients use for HTTPS, to which redirects lead.</summary>
    public int PublicHttpsPort { get; init; } = 443;

    /// <summary>
    /// The port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>; 0 for any free one, null for none.
    /// </summary>
    public int? HealthPort { get; init; } = 9090;

    /// <summary>
    /// The port at which users read the lines of their own app's requests; 0 for any free one, null for none.
    /// </summary>
    public int? LinesPort { get; init; }

    /// <summary>
    /// The Service whose endpoints are all pods of this router at that port; null if this is the only pod.
    /// </summary>
    public ObjectKey? LinesService { get; init; }

    /// <summary>The domain of generated hosts, for which the self-signed certificate is made.</summary>
    public string BaseDomain { get; init; } = "dynospace.localhost";

    /// <summary>
    /// The Secret of the certificate for hosts that have none of their own; null for a self-signed one.
    /// </summary>
    public ObjectKey? DefaultCertificate { get; init; }

    /// <summary>
    /// The CIDR ranges of proxies that must send a PROXY header. From any other peer the header is refused.
    /// </summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>How long requests in flight may take to end after SIGTERM.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long listening continues after readiness is withdrawn, so that load balancers notice.</summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the request path is compiled before clients connect. That takes a second or two, which a dev cluster or
    /// a test does not need.
    /// </summary>
    public bool WarmsUp { get; init; }

    /// <summary><c>$PORT</c>: no other port of a dyno is ever called.</summary>
    public int Port { get; init; } = SpaceDefaults.Port;
}
