using Dynospace.Hosting;
using Dynospace.Hosting.Options;
using Dynospace.Router.Cluster;
using Dynospace.Runtime;
using k8s;
using Microsoft.Extensions.Configuration;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.Router.Hosting;

/// <summary>
/// The options of a router's command line and environment, before the API server's credentials are read.
/// </summary>
public sealed record RouterConfiguration
{
    /// <summary>How to reach the API server.</summary>
    public ClusterConnection Cluster { get; init; } = new();

    /// <summary>How the router runs.</summary>
    public RouterProcessOptions Serving { get; init; } = new() { Client = new KubernetesClientConfiguration() };

    /// <summary>Every option of a router.</summary>
    public static OptionTable<RouterConfiguration> Table { get; } = new(
        new RouterConfiguration(),
        [
            .. Part(
                (RouterConfiguration all) => all.Cluster, (all, cluster) => all with { Cluster = cluster },
                ClusterConnection.Definitions),
            .. Part(
                (RouterConfiguration all) => all.Serving, (all, serving) => all with { Serving = serving },
                Serve()),
        ]);

    /// <summary>Reads all options except those of the API server, which the caller supplies.</summary>
    /// <exception cref="OptionException">An option is unknown or its value is wrong.</exception>
    public static RouterProcessOptions ReadServing(
        IConfiguration configuration, KubernetesClientConfiguration client) =>
        Table.Read(configuration).Serving with { Client = client };

    /// <summary>The options with the API server's credentials.</summary>
    /// <exception cref="OptionException">The kubeconfig cannot be used.</exception>
    public RouterProcessOptions ToOptions() => Serving with { Client = Cluster.Configure() };

    private static OptionDefinition<RouterProcessOptions>[] Serve() =>
    [
        Option("listener", OneOf<ListenerKind>(),
            (RouterProcessOptions router) => router.Scope.Listener,
            (router, listener) => router with { Scope = router.Scope with { Listener = listener } },
            "which requests it takes: those from outside, or those of Apps with internal routing"),
        Option("space", NameOrNone("name of a Space", "leave it out for the router of all Common spaces"),
            (RouterProcessOptions router) => router.Scope.Space,
            (router, space) => router with { Scope = router.Scope with { Space = space } },
            "the Space that it serves", "all Common spaces"),
        Option("systemNamespace", NameOrNone("name of a namespace", "leave it out where no operator publishes any"),
            (RouterProcessOptions router) => router.SystemNamespace,
            (router, ns) => router with { SystemNamespace = ns },
            "where the operator publishes which addresses are the cluster's own, so that a dyno does not pass for a "
            + "client of a trusted range", "every address is a client's"),
        Option(
            "httpPort",
            Port,
            (RouterProcessOptions router) => router.HttpPort,
            (router, port) => router with { HttpPort = port },
            "the port of plain HTTP"),
        Option(
            "httpsPort",
            Port,
            (RouterProcessOptions router) => router.HttpsPort,
            (router, port) => router with { HttpsPort = port },
            "the port of HTTPS"),
        Option(
            "publicHttpPort",
            Port,
            (RouterProcessOptions router) => router.PublicHttpPort,
            (router, port) => router with { PublicHttpPort = port },
            "the port that clients see for plain HTTP, as in `X-Forwarded-Port`"),
        Option("publicHttpsPort", Port,
            (RouterProcessOptions router) => router.PublicHttpsPort,
            (router, port) => router with { PublicHttpsPort = port },
            "the port that clients see for HTTPS, where redirects lead"),
        Option(
            "healthPort",
            Port,
            (RouterProcessOptions router) => router.HealthPort ?? 0,
            (router, port) => router with { HealthPort = port },
            "the port of `/healthz`, `/readyz` and `/metrics`"),
        Option(
            "linesPort",
            Port,
            (RouterProcessOptions router) => router.LinesPort ?? 0,
            (router, port) => router with { LinesPort = port },
            "the port at which people who may read logs in a space read the lines of their apps' requests",
            "no port"),
        Option("linesService", NamespacedName("Service"),
            (RouterProcessOptions router) => router.LinesService?.ToString(),
            (router, service) => router with
            {
                LinesService = service is null ? null : ObjectKey.Parse(service),
            },
            "the Service that leads to that port of all pods of this router, each of which has lines of its own",
            "this is the only pod"),
        Option(
            "baseDomain",
            HostName(190),
            (RouterProcessOptions router) => router.BaseDomain,
            (router, domain) => router with { BaseDomain = domain },
            "the domain of generated hosts, which the self-signed certificate names"),
        Option("defaultCertificate", NamespacedName("Secret"),
            (RouterProcessOptions router) => router.DefaultCertificate?.ToString(),
            (router, secret) => router with { DefaultCertificate = secret is null ? null : ObjectKey.Parse(secret) },
            "the Secret with the certificate for hosts that have none of their own, as `namespace/name`",
            "a self-signed certificate"),
        Option("proxyProtocolFrom", Proxies,
            (RouterProcessOptions router) => router.ProxyProtocolFrom,
            (router, ranges) => router with { ProxyProtocolFrom = ranges },
            "the load balancers whose connections must begin with PROXY protocol; no other is believed"),
        Option(
            "drainSeconds",
            Seconds(0),
            (RouterProcessOptions router) => router.Drain,
            (router, drain) => router with { Drain = drain },
            "how long requests in flight may take to end after SIGTERM"),
        Option(
            "drainLeadSeconds",
            Seconds(0),
            (RouterProcessOptions router) => router.DrainLead,
            (router, lead) => router with { DrainLead = lead },
            "how long listening goes on after readiness went, so that load balancers see it"),
        Option(
            "port", Port, (RouterProcessOptions router) => router.Port, (router, port) => router with { Port = port },
                "`$PORT` of web dynos; no other port of a dyno is ever called"),
    ];
}
