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
    /// Where the operator publishes which addresses are the cluster's own and which are trusted dynos'; null where
    /// every address is a client's.
    /// </summary>
    public string? SystemNamespace { get; init; }

    /// <summary>
    /// Where it listens: on all addresses of both families, or of IPv4 alone where the kernel has no IPv6. A dev
    /// cluster keeps to loopback.
    /// </summary>
    public IPAddress Address { get; init; } = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>The port of plain HTTP; 0 for any that is free.</summary>
    public int HttpPort { get; init; } = 8080;

    /// <summary>The port of HTTPS; 0 for any that is free.</summary>
    public int HttpsPort { get; init; } = 8443;

    /// <summary>The port that clients see for plain HTTP, as X-Forwarded-Port states it.</summary>
    public int PublicHttpPort { get; init; } = 80;

    /// <summary>The port that clients see for HTTPS, where redirects lead.</summary>
    public int PublicHttpsPort { get; init; } = 443;

    /// <summary>
    /// Where <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c> answer; 0 for any that is free, null for nowhere.
    /// </summary>
    public int? HealthPort { get; init; } = 9090;

    /// <summary>
    /// Where people read the lines of their own app's requests; 0 for any that is free, null for nowhere.
    /// </summary>
    public int? LinesPort { get; init; }

    /// <summary>
    /// The Service whose endpoints are all pods of this router at that port; null where this is the only one.
    /// </summary>
    public ObjectKey? LinesService { get; init; }

    /// <summary>The domain of generated hosts, which the certificate of those without another names.</summary>
    public string BaseDomain { get; init; } = "dynospace.localhost";

    /// <summary>
    /// The Secret of the certificate for hosts that have none of their own; null for a self-signed one.
    /// </summary>
    public ObjectKey? DefaultCertificate { get; init; }

    /// <summary>The proxies that speak the PROXY protocol, by CIDR. Nobody else is believed, and they must.</summary>
    public IReadOnlyList<string> ProxyProtocolFrom { get; init; } = [];

    /// <summary>How long requests in flight may take to end when the process is to end.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long listening goes on after readiness went false, so that load balancers see it.</summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the request path is compiled before clients come. It takes a second or two, which a dev cluster or a
    /// test can do without.
    /// </summary>
    public bool WarmsUp { get; init; }

    /// <summary><c>$PORT</c>: no other port of a dyno is ever called.</summary>
    public int Port { get; init; } = SpaceDefaults.Port;
}
