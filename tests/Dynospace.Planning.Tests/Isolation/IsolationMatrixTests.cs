using Dynospace.Api.Spaces;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Tests.Samples;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Matrices;

namespace Dynospace.Planning.Tests.Isolation;

/// <summary>Writes and checks the pages of <c>docs</c> that say who reaches whom.</summary>
public sealed class IsolationMatrixTests
{
    private const string PrivateSpace = "vault";

    private static readonly TransportPort WebPort = TransportPort.Tcp(5000);

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Who_reaches_whom(SpaceRuntime runtime)
    {
        var evaluator = World(runtime).Evaluator();
        var page = $"""
            # Who reaches whom in a {runtime} space

            Written by a test from the policies that the operator plans, judged by the evaluator of `dynospace reach`; `UPDATE_GOLDEN=1 dotnet test` rewrites it. Each cell says whether a connection may be opened and, by the number below its table, what decides.

            The space `acme` holds the apps `shop` and `{OtherApp(runtime)}`{(runtime == SpaceRuntime.Common ? "" : ", the latter with internal routing")}, a data service `orders-db` and pods made by hand; `rival` is another space of the same runtime. Nodes always reach the pods that they run, since the kubelet must.

            ## Into the space

            {Table(evaluator, Senders(runtime), Receivers(runtime))}
            ## Out to the internet

            {Table(evaluator, Inhabitants(), Internet())}
            ## Out to the cluster

            {Table(evaluator, Inhabitants(), InCluster(runtime))}
            ## Out to other networks and data services

            {Table(evaluator, Inhabitants(), Networks())}
            ## Between canaries

            The two pods by which the operator tries whether the network enforces these policies. Of the ports on which the target listens one must answer the probe; the others are shut at one end each.

            {Table(evaluator, CanaryCallers(), CanaryTargets())}
            ## Into the routers

            {(runtime == SpaceRuntime.Common ? "Everybody may send requests to the shared router." : "Here `acme` trusts 203.0.113.0/24, where the row `internet` is. The addresses are those that the router's pods see: clients keep theirs on the way through the Service. Dynos of every space reach the public router, where it [judges them](router.md#requests-of-dynos) by the outbound IPs of their space.")}

            {Table(evaluator, Clients(runtime), Routers(runtime))}
            ## Out of the routers

            {Table(evaluator, RouterPods(runtime), RouterTargets(runtime))}
            """;

        GoldenFile.Verify(
            RepositoryFolder.Combine("docs", $"isolation-{runtime.ToString().ToLowerInvariant()}.md"),
            page.TrimEnd() + "\n");
    }

    private static string Table(
        ReachabilityEvaluator evaluator, IEnumerable<MatrixSource> sources, IEnumerable<MatrixTarget> targets) =>
        ReachabilityMatrix.Build(evaluator, sources, targets).ToMarkdown();

    private static IsolationWorld World(SpaceRuntime runtime)
    {
        var world = new IsolationWorld();
        foreach (var name in new[] { "acme", "rival" })
        {
            var space = runtime == SpaceRuntime.Common
                ? Sample.Space(name: name)
                : Sample.ConnectedSpace(runtime, name);
            space.Spec.TrustedIPRanges = runtime == SpaceRuntime.Common ? null : ["203.0.113.0/24"];
            var other = Sample.App(OtherApp(runtime), ("web", 2));
            other.Spec.InternalRouting = runtime != SpaceRuntime.Common;
            world.AddSpace(space);
            world.AddApp(space, Sample.App("shop", ("web", 2), ("worker", 1)));
            world.AddApp(space, other);
        }

        if (runtime == SpaceRuntime.Common)
        {
            world.AddSpace(Sample.ConnectedSpace(SpaceRuntime.Private, PrivateSpace));
        }

        return world;
    }

    /// <summary>In Private and Shield spaces the other app has internal routing.</summary>
    private static string OtherApp(SpaceRuntime runtime) => runtime == SpaceRuntime.Common ? "blog" : "intranet";

    private static IEnumerable<MatrixSource> Senders(SpaceRuntime runtime)
    {
        yield return new("dyno of the same app", Endpoint.Pod("acme", "shop.web.1"));
        yield return new("dyno of another app", Endpoint.Pod("acme", $"{OtherApp(runtime)}.web.1"));
        yield return new("one-off dyno", Endpoint.Pod("acme", "shop.run.2"));
        yield return new("dyno of another space", Endpoint.Pod("rival", "shop.web.1"));
        yield return new("shared router", Endpoint.Pod("dynospace-system", "shared-router"));
        if (runtime != SpaceRuntime.Common)
        {
            yield return new("the space's public router", Endpoint.Pod("dynospace-system", "acme-public-router"));
            yield return new("the space's internal router", Endpoint.Pod("dynospace-system", "acme-internal-router"));
            yield return new("another space's public router", Endpoint.Pod("dynospace-system", "rival-public-router"));
            yield return new(
                "another space's internal router", Endpoint.Pod("dynospace-system", "rival-internal-router"));
        }

        yield return new("pod that imitates a router", Endpoint.Pod("default", "false-router"));
        yield return new("operator", Endpoint.Pod("dynospace-system", "operator"));
        yield return new("pod made by hand in the space", Endpoint.Pod("acme", "made-by-hand-too"));
        yield return new("data service in the space", Endpoint.Pod("acme", "orders-db-replica"));
        yield return new("data service elsewhere", Endpoint.Pod("search", "search"));
        yield return new("pod of another namespace", Endpoint.Pod("default", "stranger"));
        yield return new("peer network", Endpoint.At("10.40.0.7"));
        yield return new("internet", Endpoint.At("203.0.113.99"));
        yield return new("the dyno's own node", Endpoint.Node(IsolationWorld.OwnNode));
        yield return new("another node", Endpoint.Node(IsolationWorld.OtherNode));
    }

    private static IEnumerable<MatrixTarget> Receivers(SpaceRuntime runtime) =>
    [
        new("web dyno", Endpoint.Pod("acme", "shop.web.2"), WebPort),
        new("web dyno", Endpoint.Pod("acme", "shop.web.2"), TransportPort.Tcp(8080)),
        new("web dyno of the other app", Endpoint.Pod("acme", $"{OtherApp(runtime)}.web.2"), WebPort),
        new("worker", Endpoint.Pod("acme", "shop.worker.1"), WebPort),
        new("worker", Endpoint.Pod("acme", "shop.worker.1"), TransportPort.Udp(4000)),
        new("one-off dyno", Endpoint.Pod("acme", "shop.run.1"), WebPort),
        new("release phase", Endpoint.Pod("acme", "shop.release.1"), WebPort),
        new("data service", Endpoint.Pod("acme", "orders-db"), TransportPort.Tcp(5432)),
        new("data service", Endpoint.Pod("acme", "orders-db"), TransportPort.Tcp(22)),
        new("pod made by hand", Endpoint.Pod("acme", "made-by-hand"), WebPort),
    ];

    private static IEnumerable<MatrixSource> Inhabitants() =>
    [
        new("web dyno", Endpoint.Pod("acme", "shop.web.1")),
        new("worker", Endpoint.Pod("acme", "shop.worker.1")),
        new("one-off dyno", Endpoint.Pod("acme", "shop.run.1")),
        new("release phase", Endpoint.Pod("acme", "shop.release.1")),
        new("data service in the space", Endpoint.Pod("acme", "orders-db-replica")),
        new("pod made by hand", Endpoint.Pod("acme", "made-by-hand")),
        new("canary", Endpoint.Pod("acme", "canary-probe-x")),
    ];

    private static IEnumerable<MatrixSource> CanaryCallers() =>
    [
        new("probe", Endpoint.Pod("acme", "canary-probe-x")),
        new("another space's probe", Endpoint.Pod("rival", "canary-probe-x")),
        new("web dyno", Endpoint.Pod("acme", "shop.web.1")),
        new("one-off dyno", Endpoint.Pod("acme", "shop.run.1")),
        new("pod made by hand", Endpoint.Pod("acme", "made-by-hand")),
        new("shared router", Endpoint.Pod("dynospace-system", "shared-router")),
    ];

    private static IEnumerable<MatrixTarget> CanaryTargets() =>
        new[] { CanaryPorts.Open, CanaryPorts.ShutAtTarget, CanaryPorts.ShutAtProbe }
            .Select(
                port => new MatrixTarget("target", Endpoint.Pod("acme", "canary-target-x"), TransportPort.Tcp(port)));

    private static IEnumerable<MatrixTarget> Internet() =>
    [
        new("IPv4", Endpoint.At("203.0.113.99"), TransportPort.Tcp(443)),
        new("IPv4", Endpoint.At("203.0.113.99"), TransportPort.Udp(443)),
        new("IPv6", Endpoint.At("2606:4700::1111"), TransportPort.Tcp(443)),
        new("through NAT64", Endpoint.At("64:ff9b::cb00:7163"), TransportPort.Tcp(443)),
        new("private network", Endpoint.At("192.168.1.1"), TransportPort.Tcp(443)),
        new("private network, IPv6", Endpoint.At("fd12::1"), TransportPort.Tcp(443)),
        new("private network through NAT64", Endpoint.At("64:ff9b::c0a8:101"), TransportPort.Tcp(443)),
        new("egress gate", Endpoint.At("169.254.77.77"), TransportPort.Tcp(80)),
    ];

    private static IEnumerable<MatrixTarget> InCluster(SpaceRuntime runtime) =>
    [
        new("DNS pod", Endpoint.Pod("kube-system", "kube-dns"), TransportPort.Udp(53)),
        new("DNS Service", Endpoint.At("10.96.0.10"), TransportPort.Tcp(53)),
        new("node-local DNS", Endpoint.At("169.254.20.10"), TransportPort.Udp(53)),
        new("node-local DNS", Endpoint.At("169.254.20.10"), TransportPort.Tcp(9253)),
        new("another system pod", Endpoint.Pod("kube-system", "metrics"), TransportPort.Tcp(443)),
        new("API server", Endpoint.At("10.96.0.1"), TransportPort.Tcp(443)),
        new("another node", Endpoint.Node(IsolationWorld.OtherNode), TransportPort.Tcp(10250)),
        new("another node's public address", Endpoint.At("198.51.100.11"), TransportPort.Tcp(443)),
        new("metadata", Endpoint.At("169.254.169.254"), TransportPort.Tcp(80)),
        new("metadata, IPv6", Endpoint.At("fd00:ec2::254"), TransportPort.Tcp(80)),
        new("metadata through NAT64", Endpoint.At("64:ff9b::a9fe:a9fe"), TransportPort.Tcp(80)),
        new("pod of another namespace", Endpoint.Pod("default", "stranger"), WebPort),
        new("shared router", Endpoint.Pod("dynospace-system", "shared-router"), TransportPort.Tcp(8443)),
        new("shared router", Endpoint.Pod("dynospace-system", "shared-router"), TransportPort.Tcp(9090)),
        new(
            "another space's public router",
            Endpoint.Pod("dynospace-system", $"{OtherSpace(runtime)}-public-router"),
            TransportPort.Tcp(8443)),
        new(
            "another space's internal router",
            Endpoint.Pod("dynospace-system", $"{OtherSpace(runtime)}-internal-router"),
            TransportPort.Tcp(8443)),
        new("dyno of another space", Endpoint.Pod("rival", "shop.web.1"), WebPort),
    ];

    /// <summary>Another space that has routers of its own.</summary>
    private static string OtherSpace(SpaceRuntime runtime) =>
        runtime == SpaceRuntime.Common ? PrivateSpace : "rival";

    private static IEnumerable<MatrixTarget> Networks() =>
    [
        new("peer network", Endpoint.At("10.40.0.7"), TransportPort.Tcp(22)),
        new("network beside the peer", Endpoint.At("10.41.0.7"), TransportPort.Tcp(22)),
        new("data service pod in the space", Endpoint.Pod("acme", "orders-db"), TransportPort.Tcp(5432)),
        new("data service pod in the space", Endpoint.Pod("acme", "orders-db"), TransportPort.Tcp(22)),
        new("data service pod elsewhere", Endpoint.Pod("search", "search"), TransportPort.Tcp(9200)),
        new("data service pod elsewhere", Endpoint.Pod("search", "search"), TransportPort.Tcp(22)),
        new("data service by address", Endpoint.At("10.60.0.4"), TransportPort.Tcp(5432)),
        new("data service by address", Endpoint.At("10.60.0.4"), TransportPort.Tcp(22)),
        new("data service of another space", Endpoint.Pod("rival", "orders-db"), TransportPort.Tcp(5432)),
    ];

    private static IEnumerable<MatrixSource> Clients(SpaceRuntime runtime) =>
    [
        new("web dyno", Endpoint.Pod("acme", "shop.web.1")),
        new("one-off dyno", Endpoint.Pod("acme", "shop.run.1")),
        new("pod made by hand in the space", Endpoint.Pod("acme", "made-by-hand")),
        new("dyno of another space", Endpoint.Pod("rival", "shop.web.1")),
        new("another router", Endpoint.Pod(
            "dynospace-system", runtime == SpaceRuntime.Common ? $"{PrivateSpace}-public-router" : "shared-router")),
        new("peer network", Endpoint.At("10.40.0.7")),
        new("network beside the peer", Endpoint.At("10.41.0.7")),
        new("internet", Endpoint.At("203.0.113.99")),
        new("internet, elsewhere", Endpoint.At("192.0.2.9")),
        new("internet, IPv6", Endpoint.At("2606:4700::1111")),
        new("the router's own node", Endpoint.Node(IsolationWorld.OwnNode)),
    ];

    private static IEnumerable<MatrixTarget> Routers(SpaceRuntime runtime) =>
        RouterPods(runtime).SelectMany(router => new[] { 8080, 8443, 9090 }
            .Select(port => new MatrixTarget(router.Name, router.Endpoint, TransportPort.Tcp(port))));

    private static IEnumerable<MatrixSource> RouterPods(SpaceRuntime runtime) => runtime == SpaceRuntime.Common
        ? [new("shared router", Endpoint.Pod("dynospace-system", "shared-router"))]
        :
        [
            new("the space's public router", Endpoint.Pod("dynospace-system", "acme-public-router")),
            new("the space's internal router", Endpoint.Pod("dynospace-system", "acme-internal-router")),
        ];

    private static IEnumerable<MatrixTarget> RouterTargets(SpaceRuntime runtime) =>
    [
        new("web dyno", Endpoint.Pod("acme", "shop.web.1"), WebPort),
        new("web dyno", Endpoint.Pod("acme", "shop.web.1"), TransportPort.Tcp(8080)),
        new("web dyno of the other app", Endpoint.Pod("acme", $"{OtherApp(runtime)}.web.1"), WebPort),
        new("worker", Endpoint.Pod("acme", "shop.worker.1"), WebPort),
        new("web dyno of another space", Endpoint.Pod("rival", "shop.web.1"), WebPort),
        new("API server by Service", Endpoint.At("10.96.0.1"), TransportPort.Tcp(443)),
        new("API server by endpoint", Endpoint.At("10.0.0.11"), TransportPort.Tcp(6443)),
        new("kubelet of another node", Endpoint.Node(IsolationWorld.OtherNode), TransportPort.Tcp(10250)),
        new("DNS pod", Endpoint.Pod("kube-system", "kube-dns"), TransportPort.Udp(53)),
        new("metadata", Endpoint.At("169.254.169.254"), TransportPort.Tcp(80)),
        new("internet", Endpoint.At("203.0.113.99"), TransportPort.Tcp(443)),
    ];
}
