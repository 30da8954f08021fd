using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Hosting.Options;
using Dynospace.Planning.Options;
using Dynospace.Planning.Sizes;
using static Dynospace.Hosting.Options.OptionFormats;
using static Dynospace.Hosting.Options.OptionTable;

namespace Dynospace.Operator;

/// <summary>
/// The options that the platform team decides for the whole cluster, as the operator and the tools that plan without a
/// cluster read them. The one list of them: docs, help, the chart's schema and the errors are made from it.
/// </summary>
internal static class PlatformOptionTable
{
    private const int LongestBaseDomain = 253 - 30 - 63 - 2;
    private const string LabelsExample = "key=value,key=value";

    /// <summary>The table.</summary>
    public static OptionTable<PlatformOptions> Table { get; } = new(
        new PlatformOptions(),
        [.. Dynos(), .. Releases(), .. Cluster(), .. Regions(), .. Dns(), .. Isolation(), .. Routers(), .. Gateways(),
            .. Egress()]);

    private static IEnumerable<OptionDefinition<PlatformOptions>> Dynos() => Part(
        (PlatformOptions platform) => platform.Dynos, (platform, dynos) => platform with { Dynos = dynos },
        Option("port", Port, (DynoOptions dynos) => dynos.Port, (dynos, port) => dynos with { Port = port },
            "`$PORT` of every web dyno"),
        Option("imagePullPolicy", OneOf("Always", "IfNotPresent", "Never"),
            (DynoOptions dynos) => dynos.ImagePullPolicy, (dynos, policy) => dynos with { ImagePullPolicy = policy },
            "when a node pulls the image of a dyno; `Always` keeps a tenant from running another's private image "
            + "that the node holds"),
        Option(
            "runAsUser",
            UserOrImage,
            (DynoOptions dynos) => dynos.RunAsUser,
            (dynos, user) => dynos with { RunAsUser = user },
            "the user and group id of every process; `image` leaves both to the image, which then must name a user "
            + "other than root by number"),
        Option("minimumUpSeconds", Seconds(0),
            (DynoOptions dynos) => dynos.MinimumUpTime, (dynos, time) => dynos with { MinimumUpTime = time },
            "how long a process of another type than web must have run to count as up, so that a release that "
            + "crashes stops at its first quarter"),
        Option("cycleDynosAfter", IntervalOrNever(DynoOptions.ShortestCycle, TimeSpan.FromDays(365)),
            (DynoOptions dynos) => dynos.CycleAfter, (dynos, time) => dynos with { CycleAfter = time },
            "after how long each dyno is replaced by a new one, at a random time within another 15 % of it; its "
            + "successor comes first: `24h` is the platform's habit"),
        Option("recorderImage", TextOrNone("IMAGE"),
            (DynoOptions dynos) => dynos.RecorderImage, (dynos, image) => dynos with { RecorderImage = image },
            "the image of the recorder, the same as that of the gate, which [writes down what is typed into one-off "
            + "runs of Shield spaces](dynos.md#recorded-runs); empty for none, and then runs there take no input"),
        Option(
            "dynoSizes",
            Pairs("Standard-1X=512Mi/256Mi/200m,Custom-Build=8Gi/4Gi/2/20Gi", pair: DynoSizeTable.Pattern),
            (DynoOptions dynos) => dynos.OwnSizes,
            (dynos, sizes) => dynos with { OwnSizes = sizes },
            "sizes that replace those of the platform's table, and own ones, whose names begin with `Custom-` "
            + "(`Custom-Private-` for Private and Shield spaces alone): memory limit, guaranteed memory, share of "
            + "processors and, if it is limited, local disk, as in `Custom-Build=8Gi/4Gi/2/20Gi`; a running dyno keeps "
            + "what it has until it is replaced"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Releases() => Part(
        (PlatformOptions platform) => platform.Releases, (platform, releases) => platform with { Releases = releases },
        Option("progressDeadlineSeconds", Seconds(1),
            (ReleaseOptions releases) => releases.ProgressDeadline,
            (releases, deadline) => releases with { ProgressDeadline = deadline },
            "after how long without another dyno up an App counts as stalled, by reason `ProgressDeadlineExceeded`"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Cluster() => Part(
        (PlatformOptions platform) => platform.Cluster, (platform, cluster) => platform with { Cluster = cluster },
        Option("systemNamespace", HostName(63),
            (ClusterOptions cluster) => cluster.SystemNamespace,
            (cluster, name) => cluster with { SystemNamespace = name },
            "the namespace of the Lease and of the routers; no tenant may create pods there"),
        Option(
            "clusterRanges",
            Ranges,
            (ClusterOptions cluster) => cluster.Ranges,
            (cluster, ranges) => cluster with { Ranges = ranges },
            "ranges of the cluster besides those that the operator discovers: node addresses, pod CIDRs of the "
            + "nodes, Service CIDRs (Kubernetes 1.33 and later)"),
        Option("stallAfter", Duration(TimeSpan.FromDays(7)),
            (ClusterOptions cluster) => cluster.StallAfter, (cluster, grace) => cluster with { StallAfter = grace },
            "how long something that may come by itself (a Secret, a Space, an image, a quota) leaves an object "
            + "Reconciling before it is Stalled; below the five minutes that Helm waits"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Regions() => Part(
        (PlatformOptions platform) => platform.Regions, (platform, regions) => platform with { Regions = regions },
        Option(
            "regionLabel",
            Text("LABEL"),
            (RegionOptions regions) => regions.Label,
            (regions, label) => regions with { Label = label },
            "the node label that holds the region"),
        Option("regions", Pairs("oregon=us-west-2,virginia=us-east-1"),
            (RegionOptions regions) => regions.Values, (regions, values) => regions with { Values = values },
            "the label's value for each region, such as `oregon=us-west-2,virginia=us-east-1`; a region that is "
            + "missing is its own value"),
        Option("requireRegion", Switch,
            (RegionOptions regions) => regions.IsRequired,
            (regions, required) => regions with { IsRequired = required },
            "whether dynos are kept on nodes of their region; `false` for a cluster whose nodes have no region label"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Dns() => Part(
        (PlatformOptions platform) => platform.Dns, (platform, dns) => platform with { Dns = dns },
        Option(
            "dnsNamespace",
            HostName(63),
            (DnsOptions dns) => dns.Namespace,
            (dns, name) => dns with { Namespace = name },
            "the namespace of the cluster's DNS, which dynos may ask; where no Service there has `dnsPodLabels`, "
            + "[well-known places](#the-clusters-dns) are looked at"),
        Option(
            "dnsPodLabels",
            Pairs(LabelsExample, 1),
            (DnsOptions dns) => dns.PodLabels,
            (dns, labels) => dns with { PodLabels = labels },
            "the labels of the DNS pods"),
        Option("dnsPorts", Ports, (DnsOptions dns) => dns.Ports, (dns, ports) => dns with { Ports = ports },
            "the ports on which the DNS pods and their Service listen"),
        Option("nodeLocalDnsAddress", Addresses,
            (DnsOptions dns) => dns.NodeLocalAddresses,
            (dns, addresses) => dns with { NodeLocalAddresses = addresses },
            "the addresses of a node-local DNS cache, such as one of each family; an empty text for none"),
        Option("spaceDnsImage", TextOrNone("IMAGE"),
            (DnsOptions dns) => dns.SpaceImage, (dns, image) => dns with { SpaceImage = image },
            "the image of CoreDNS, such as `registry.k8s.io/coredns/coredns:v1.13.1`, for [a DNS of its own]"
            + "(dynos.md#names-in-dns) for each Private and Shield space; empty for none",
            "none: dynos ask the cluster's DNS"),
        Option("clusterDomain", HostName(200),
            (DnsOptions dns) => dns.ClusterDomain, (dns, domain) => dns with { ClusterDomain = domain },
            "the domain of the cluster's own names"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Isolation() => Part(
        (PlatformOptions platform) => platform.Isolation,
        (platform, isolation) => platform with { Isolation = isolation },
        Option("enforcementInterval", IntervalOrNever(IsolationOptions.ShortestInterval, TimeSpan.FromDays(7)),
            (IsolationOptions isolation) => isolation.TrialInterval,
            (isolation, interval) => isolation with { TrialInterval = interval },
            "how often each space [tries the network](#the-trial-of-the-network): `90s`, `15m`, `1h`, or `never`"),
        Option("canaryImage", Text("IMAGE"),
            (IsolationOptions isolation) => isolation.CanaryImage,
            (isolation, image) => isolation with { CanaryImage = image },
            "the image of the trial's pods: any with a `busybox` that has sh, httpd, timeout and wget"),
        Option("requireEnforcement", Switch,
            (IsolationOptions isolation) => isolation.IsProofRequired,
            (isolation, required) => isolation with { IsProofRequired = required },
            "whether dynos wait until a trial has shown that the network enforces the policies"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Routers() => Routing(
        Option("baseDomain", HostName(LongestBaseDomain),
            (RouterOptions router) => router.BaseDomain, (router, domain) => router with { BaseDomain = domain },
            "every app is served as `<app>.<space>.<baseDomain>`; no App can ask for another name under it"),
        Option("routerProvider", OneOf<RouterProvider>(),
            (RouterOptions router) => router.Provider, (router, provider) => router with { Provider = provider },
            "who brings requests to web dynos: `GatewayAPI` or `Ingress` for a cluster that has [its own "
            + "gateway](providers.md), `None` for one whose platform team routes by hand, so that no routers are "
            + "made and no Space waits for one"),
        Option(
            "routerImage",
            Text("IMAGE"),
            (RouterOptions router) => router.Image,
            (router, image) => router with { Image = image },
            "the image of all routers"),
        Option("sharedRouterReplicas", Integer(1, 16),
            (RouterOptions router) => router.SharedReplicas,
            (router, replicas) => router with { SharedReplicas = replicas },
            "pods of the router that all Common spaces share; a Private or Shield Space has its own "
            + "`spec.router.replicas`"),
        Option("routerServiceType", OneOf<RouterServiceType>(),
            (RouterOptions router) => router.ServiceType, (router, type) => router with { ServiceType = type },
            "how public listeners are reached"),
        Option("routerServiceAnnotations", Pairs(LabelsExample),
            (RouterOptions router) => router.ServiceAnnotations,
            (router, annotations) => router with { ServiceAnnotations = annotations },
            "annotations of public Services, for the cloud's load balancer, as `key=value,key=value`"),
        Option("internalRouterServiceType", OneOf<RouterServiceType>(),
            (RouterOptions router) => router.InternalServiceType,
            (router, type) => router with { InternalServiceType = type },
            "how internal listeners are reached"),
        Option("internalRouterServiceAnnotations", Pairs(LabelsExample),
            (RouterOptions router) => router.InternalServiceAnnotations,
            (router, annotations) => router with { InternalServiceAnnotations = annotations },
            "annotations of internal Services; a cloud's internal load balancer is requested here"),
        Option("proxyProtocolFrom", Proxies,
            (RouterOptions router) => router.ProxyProtocolFrom,
            (router, ranges) => router with { ProxyProtocolFrom = ranges },
            "the load balancers that hide the client's address and pass it on by PROXY protocol"),
        Option("routerCertificate", NamespacedName("Secret"),
            (RouterOptions router) => router.DefaultCertificate,
            (router, secret) => router with { DefaultCertificate = secret },
            "the Secret with the certificate for hosts that have none of their own, mostly `*.<space>.<baseDomain>`, "
            + "as `namespace/name`",
            "a self-signed certificate"),
        Option(
            "routerDrainSeconds",
            Seconds(1),
            (RouterOptions router) => router.Drain,
            (router, drain) => router with { Drain = drain },
            "how long requests in flight may take to end when a router ends"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Egress() => Part(
        (PlatformOptions platform) => platform.Egress, (platform, egress) => platform with { Egress = egress },
        Option("egressProvider", OneOf<EgressProvider>(),
            (EgressOptions egress) => egress.Provider, (egress, provider) => egress with { Provider = provider },
            "who gives Spaces [their fixed outbound IPs](egress.md#choosing-a-provider); with `None` traffic leaves by "
            + "the cluster's own addresses, and condition `EgressReady` says so"),
        Option("egressPool", Ranges,
            (EgressOptions egress) => egress.Pool, (egress, pool) => egress with { Pool = pool },
            "the addresses that Spaces may have: `spec.egress.count` takes from them, and `spec.outboundIPs` must name "
            + "some of them; empty for any address"),
        Option("egressAddresses", OneOf<EgressAddressMode>(),
            (EgressOptions egress) => egress.Addresses, (egress, mode) => egress with { Addresses = mode },
            "how an address comes to its gateway: `Announced` by the node agent on the gateway's network, `Present` "
            + "where the network brings it to the node already, [its own address](egress.md#a-nodes-own-address) too"),
        Option("egressPublicOnly", Switch,
            (EgressOptions egress) => egress.IsPublicOnly, (egress, only) => egress with { IsPublicOnly = only },
            "whether private addresses are refused as outbound IPs"),
        Option("egressGatewayLabels", Pairs(LabelsExample, 1),
            (EgressOptions egress) => egress.GatewayLabels,
            (egress, labels) => egress with { GatewayLabels = labels },
            "the labels of the nodes that may have outbound IPs"),
        Option("egressPortBlock", Integer(128, 16_384),
            (EgressOptions egress) => egress.PortBlock, (egress, ports) => egress with { PortBlock = ports },
            "the source ports of an outbound IP that a node gets at a time; [how to size them](egress.md#sizing)"),
        Option("egressGateImage", Text("IMAGE"),
            (EgressOptions egress) => egress.GateImage, (egress, image) => egress with { GateImage = image },
            "the image of the gate, which starts a dyno once its packets leave from its outbound IP"),
        Option("egressGateTimeout", Duration(TimeSpan.FromHours(1)),
            (EgressOptions egress) => egress.GateTimeout, (egress, time) => egress with { GateTimeout = time },
            "how long the gate waits before it gives up and says why"),
        Option("egressEcho", EndpointOrNone,
            (EgressOptions egress) => egress.Echo, (egress, echo) => egress with { Echo = echo },
            "with other providers than `Builtin`: the endpoint outside the cluster that answers a gate with the "
            + "address its packets come from"),
        Option("requireEgressProof", Switch,
            (EgressOptions egress) => egress.IsProofRequired,
            (egress, required) => egress with { IsProofRequired = required },
            "with other providers than `Builtin`: whether dynos wait while there is no `egressEcho`"),
        Option("egressExternalSubnet", Name("a subnet", "external"),
            (EgressOptions egress) => egress.ExternalSubnet,
            (egress, subnet) => egress with { ExternalSubnet = subnet },
            "with `KubeOVN`: the subnet of its gateways"),
        Option("egressGatewayNamespace", HostName(63),
            (EgressOptions egress) => egress.GatewayNamespace,
            (egress, name) => egress with { GatewayNamespace = name },
            "with `KubeOVN`: the namespace of its gateways' pods"));

    private static IEnumerable<OptionDefinition<PlatformOptions>> Gateways() =>
    [
        .. Routing(
            Option("routerImplementation", OneOf<RouterImplementation>(),
                (RouterOptions router) => router.Implementation,
                (router, implementation) => router with { Implementation = implementation },
            "[which gateway](providers.md#options) the cluster has; `Other` cannot be kept to trusted ranges"),
            Option("gatewayHttpListener", Name("a listener", "http"),
                (RouterOptions router) => router.HttpListener,
                (router, listener) => router with { HttpListener = listener },
                "the Gateways' listener without TLS, for Apps with `tls.redirect`"),
            Option("gatewayHttpsListener", Name("a listener", "https"),
                (RouterOptions router) => router.HttpsListener,
                (router, listener) => router with { HttpsListener = listener },
                "the Gateways' listener with TLS, for Apps with `tls.redirect`")),
        .. Routing(Part(
            (RouterOptions router) => router.PublicGateway,
            (router, gateway) => router with { PublicGateway = gateway },
            Gateway("public", "public requests"))),
        .. Routing(Part(
            (RouterOptions router) => router.InternalGateway,
            (router, gateway) => router with { InternalGateway = gateway },
            Gateway("internal", "requests of Apps with internal routing"))),
    ];

    private static IEnumerable<OptionDefinition<GatewayOptions>> Gateway(string side, string requests) =>
    [
        Option($"{side}Gateway", NamespacedName("Gateway"),
            (GatewayOptions gateway) => gateway.Gateway, (gateway, name) => gateway with { Gateway = name },
            $"with `GatewayAPI`: the Gateway of {requests}, as `namespace/name`"),
        Option($"{side}IngressClass", Name("an IngressClass", side),
            (GatewayOptions gateway) => gateway.IngressClass, (gateway, name) => gateway with { IngressClass = name },
            $"with `Ingress`: the IngressClass of {requests}"),
        Option($"{side}GatewayNamespace", NameOrNone("namespace", "name the one of the gateway's pods"),
            (GatewayOptions gateway) => gateway.PodNamespace, (gateway, name) => gateway with { PodNamespace = name },
            $"with both: the namespace of the pods that {requests} pass"),
        Option($"{side}GatewayPods", Pairs(LabelsExample),
            (GatewayOptions gateway) => gateway.PodLabels, (gateway, labels) => gateway with { PodLabels = labels },
            "with both: the labels of these pods, as `key=value,key=value`"),
    ];

    private static IEnumerable<OptionDefinition<PlatformOptions>> Routing(
        params IEnumerable<OptionDefinition<RouterOptions>> options) =>
        Part(
            (PlatformOptions platform) => platform.Router,
            (platform, router) => platform with { Router = router },
            options);
}
