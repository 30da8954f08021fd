using CsCheck;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Tests.Samples;
using Dynospace.Reachability;
using Dynospace.Testing.Golden;
using k8s.Models;

namespace Dynospace.Planning.Tests.Isolation;

public sealed class IsolationPropertyTests
{
    /// <summary>Metadata, API server and nodes, each by every way that leads there.</summary>
    private static readonly Endpoint[] ClusterAddresses =
    [
        .. new[]
        {
            "169.254.169.254",
            "fd00:ec2::254",
            "10.96.0.1",
            "10.0.0.12",
            "198.51.100.11",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        }.Select(Endpoint.At),
    ];

    [Fact]
    public void No_dyno_of_a_space_reaches_a_dyno_of_another() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            AssertAllDenied(world, from => world.Dynos.Where(to => to.Namespace != from.Namespace), world.Dynos);
        });

    [Fact]
    public void A_common_dyno_receives_nothing_but_requests_from_the_shared_router_on_its_port() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var common = NamespacesOf(spaces, runtime => runtime == SpaceRuntime.Common);
            var targets = world.Dynos.Where(dyno => common.Contains(dyno.Namespace)).ToList();
            AssertAllDenied(
                world, from => targets.Where(to => to != from), world.Pods.Where(pod => pod.Name != "shared-router"));

            var evaluator = world.Evaluator();
            var router = Endpoint.Pod("dynospace-system", "shared-router");
            foreach (var (target, port) in targets.SelectMany(
                target => evaluator.Snapshot.DecisivePorts.Select(port => (target, port))))
            {
                var isRequest = port == TransportPort.Tcp(5000)
                    && target.Name.Contains(".web.", StringComparison.Ordinal);
                Assert.True(
                    !evaluator.Evaluate(router, target, port).Allowed || isRequest,
                    $"the shared router reaches {target} on {port}");
            }
        });

    [Fact]
    public void A_dyno_reaches_public_routers_on_their_web_ports_and_of_the_internal_ones_that_of_its_space() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var evaluator = world.Evaluator();
            var routers =
                world.Others.Where(pod => pod.Name.EndsWith("-router", StringComparison.Ordinal)
                    && pod.Namespace == "dynospace-system").ToList();
            foreach (var (from, router, port) in world.Dynos
                .SelectMany(from => routers.Select(router => (from, router)))
                .Where(pair => pair.router.Name != $"{pair.from.Namespace}-internal-router")
                .SelectMany(pair => evaluator.Snapshot.DecisivePorts.Select(port => (pair.from, pair.router, port))))
            {
                var isWeb = !router.Name.EndsWith("-internal-router", StringComparison.Ordinal)
                    && (port == TransportPort.Tcp(8080) || port == TransportPort.Tcp(8443));
                Assert.True(
                    isWeb || !evaluator.Evaluate(from, router, port).Allowed, $"{from} reaches {router} on {port}");
            }
        });

    [Fact]
    public void A_router_reaches_no_pod_but_web_dynos_of_its_own_spaces() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var common = NamespacesOf(spaces, runtime => runtime == SpaceRuntime.Common);
            foreach (var router in world.Others.Where(pod => pod.Name.EndsWith("-router", StringComparison.Ordinal)
                && pod.Namespace == "dynospace-system"))
            {
                bool MayServe(PodEndpoint pod) => pod.Name.Contains(".web.", StringComparison.Ordinal)
                    && (router.Name == "shared-router"
                        ? common.Contains(pod.Namespace)
                        : router.Name.StartsWith($"{pod.Namespace}-", StringComparison.Ordinal));
                AssertAllDenied(world, _ => world.Pods.Where(pod => pod != router && !MayServe(pod)), [router]);
            }
        });

    [Fact]
    public void One_off_and_release_dynos_receive_nothing() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var deaf =
                world.Pods.Where(pod => pod.Name.Contains(".run.", StringComparison.Ordinal)
                    || pod.Name.Contains(".release.", StringComparison.Ordinal)).ToList();
            AssertAllDenied(world, from => deaf.Where(to => to != from), world.Pods);
        });

    [Fact]
    public void Pods_made_by_hand_reach_nobody() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            AssertAllDenied(
                world,
                from => world.Pods.Where(to => to != from),
                world.Others.Where(pod => pod.Name.StartsWith("made-by-hand", StringComparison.Ordinal)));
        });

    [Fact]
    public void Canaries_reach_only_one_another_on_the_open_port_and_nothing_else_reaches_them() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var evaluator = world.Evaluator();
            var canaries = world.Others.Where(pod => pod.Name.StartsWith("canary-", StringComparison.Ordinal)).ToList();
            foreach (var (from, to) in canaries.SelectMany(canary => world.Pods.Where(other => other != canary)
                .SelectMany(other => new[] { (canary, other), (other, canary) })))
            {
                var isTrial = from == Endpoint.Pod(to.Namespace, "canary-probe-x") && to.Name == "canary-target-x";
                Assert.All(
                    evaluator.Snapshot.DecisivePorts,
                    port => Assert.Equal(
                        isTrial && port == TransportPort.Tcp(CanaryPorts.Open),
                        evaluator.Evaluate(from, to, port).Allowed));
            }
        });

    [Fact]
    public void No_dyno_reaches_an_address_of_the_cluster() =>
        AnyWorld.Spaces.Sample(spaces =>
        {
            var world = AnyWorld.Build(spaces);
            var evaluator = world.Evaluator();
            foreach (var (from, address) in world.Dynos.SelectMany(
                from => ClusterAddresses.Select(address => (from, address))))
            {
                Assert.All(
                    evaluator.Snapshot.DecisivePorts,
                    port => Assert.False(
                        evaluator.Evaluate(from, address, port).Allowed, $"{from} reaches {address} on {port}"));
            }
        });

    [Fact]
    public void Another_app_never_changes_what_those_that_exist_send_or_receive() =>
        Gen.Select(AnyWorld.Spaces, AnyWorld.AnyApp, Gen.Int[0, 2]).Sample((spaces, added, where) =>
        {
            added.Metadata.Name = "newcomer";
            var before = AnyWorld.Build(spaces);
            var after = AnyWorld.Build(
                spaces.Select((entry, i) => i == where ? (entry.Space, [.. entry.Apps, added]) : entry));

            Assert.Equal(PoliciesOf(before), PoliciesOf(after));
            AssertSameVerdicts(before, after);
        });

    [Fact]
    public void A_newcomer_reaches_dynos_of_its_own_space_only_and_in_a_common_space_none() =>
        Gen.Select(AnyWorld.Spaces, AnyWorld.AnyApp, Gen.Int[0, 2]).Sample((spaces, added, where) =>
        {
            added.Metadata.Name = "newcomer";
            var world = AnyWorld.Build(
                spaces.Select((entry, i) => i == where ? (entry.Space, [.. entry.Apps, added]) : entry));
            var (home, runtime) = (spaces[where].Space.Metadata.Name, spaces[where].Space.Spec.Runtime);
            var newcomers = world.Dynos.Where(dyno => dyno.Name.StartsWith("newcomer.", StringComparison.Ordinal))
                .ToList();

            AssertAllDenied(
                world,
                from => world.Dynos.Except(newcomers)
                    .Where(to => runtime == SpaceRuntime.Common || to.Namespace != home),
                newcomers);
        });

    [Theory]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Dynos_of_a_private_space_reach_one_another_on_every_port(SpaceRuntime runtime)
    {
        var space = Sample.Space(runtime);
        var evaluator =
            AnyWorld.Build(
                [(space, new[] { Sample.App("shop", ("web", 1), ("worker", 1)), Sample.App("blog", ("web", 1)) })])
                    .Evaluator();
        PodEndpoint[] formation =
        [
            Endpoint.Pod("acme", "shop.web.1"),
            Endpoint.Pod("acme", "shop.worker.1"),
            Endpoint.Pod("acme", "blog.web.1"),
        ];

        foreach (var (from, to) in formation.Append(Endpoint.Pod("acme", "shop.run.1"))
            .SelectMany(from => formation.Select(to => (from, to))))
        {
            Assert.All(
                evaluator.Snapshot.DecisivePorts.Where(port => port.Protocol != TransportProtocol.Sctp),
                port => Assert.True(evaluator.Evaluate(from, to, port).Allowed));
        }
    }

    private static void AssertAllDenied(
        IsolationWorld world, Func<PodEndpoint, IEnumerable<PodEndpoint>> targets, IEnumerable<PodEndpoint> sources)
    {
        var evaluator = world.Evaluator();
        var ports = evaluator.Snapshot.DecisivePorts;
        foreach (var from in sources)
        {
            foreach (var to in targets(from))
            {
                foreach (var port in ports)
                {
                    var verdict = evaluator.Evaluate(from, to, port);
                    Assert.False(verdict.Allowed, verdict.Reason);
                }
            }
        }
    }

    private static void AssertSameVerdicts(IsolationWorld before, IsolationWorld after)
    {
        var (old, now) = (before.Evaluator(), after.Evaluator());
        foreach (var (from, to) in before.Pods.SelectMany(from => before.Dynos.Where(to => to != from)
            .Select(to => (from, to))))
        {
            foreach (var port in now.Snapshot.DecisivePorts)
            {
                Assert.Equal(old.Evaluate(from, to, port).Allowed, now.Evaluate(from, to, port).Allowed);
            }
        }
    }

    private static HashSet<string> NamespacesOf(
        IEnumerable<(Space Space, App[] Apps)> spaces, Func<SpaceRuntime, bool> isMeant) =>
        [.. spaces.Where(entry => isMeant(entry.Space.Spec.Runtime)).Select(entry => entry.Space.Metadata.Name)];

    private static string PoliciesOf(IsolationWorld world) =>
        GoldenObjects.ToYaml(world.Objects.OfType<V1NetworkPolicy>());
}
