using CsCheck;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Tests.Fixtures;
using k8s;

namespace Dynospace.Reachability.Tests.Laws;

public sealed class PolicyLaws
{
    [Fact]
    public void Another_policy_takes_nothing_away_but_from_pods_that_it_newly_isolates() =>
        Gen.Select(RandomCluster.Clusters, RandomCluster.Policy).Sample((cluster, policy) =>
        {
            var before = cluster.Evaluator();
            var after = new ReachabilityEvaluator(RandomCluster.Snapshot([.. cluster.Objects, policy]));
            foreach (var (source, target, port) in cluster.Questions())
            {
                var (old, now) = (before.Evaluate(source, target, port), after.Evaluate(source, target, port));
                if (old.Allowed && !now.Allowed)
                {
                    // Not only the end that the verdict names: with two address families it may tell of the one that
                    // was denied before.
                    Assert.True(
                        IsNewlyIsolated(old.Egress, now.Egress) || IsNewlyIsolated(old.Ingress, now.Ingress),
                        $"{source} to {target} on {port}");
                }
            }
        }, iter: 100);

    [Fact]
    public void Another_policy_opens_nothing_that_its_own_rules_do_not_admit() =>
        Gen.Select(RandomCluster.Clusters, RandomCluster.Policy).Sample((cluster, policy) =>
        {
            var before = cluster.Evaluator();
            var after = new ReachabilityEvaluator(RandomCluster.Snapshot([.. cluster.Objects, policy]));
            foreach (var (source, target, port) in cluster.Questions())
            {
                var (old, now) = (before.Evaluate(source, target, port), after.Evaluate(source, target, port));
                if (!old.Allowed && now.Allowed)
                {
                    Assert.Contains(
                        now.Egress!.Admitting.Concat(now.Ingress!.Admitting), rule => rule.Policy.Name == "added");
                }
            }
        }, iter: 100);

    [Fact]
    public void A_namespace_with_default_deny_alone_admits_only_loopback_and_the_own_node() =>
        RandomCluster.Clusters.Sample(cluster =>
        {
            var policies = cluster.Policies.Where(policy => policy.Metadata.NamespaceProperty != "x");
            var deny = new TestCluster().Policy("x/default-deny", Policies.DenyAll).Objects;
            var evaluator = new ReachabilityEvaluator(
                RandomCluster.Snapshot(
                    [.. cluster.Namespaces, .. cluster.Nodes, .. cluster.Pods, .. policies, .. deny]));
            var isolated = cluster.Pods
                .Where(pod => pod.Metadata.NamespaceProperty == "x" && pod.Spec.HostNetwork != true)
                .ToDictionary(pod => (Endpoint)Endpoint.Pod("x", pod.Metadata.Name));
            foreach (var (source, target, port) in cluster.Questions())
            {
                if (!evaluator.Evaluate(source, target, port).Allowed)
                {
                    continue;
                }

                foreach (var (inside, outside) in new[]
                {
                    (source, target),
                    (target, source),
                }.Where(pair => isolated.ContainsKey(pair.Item1)))
                {
                    Assert.True(
                        inside == outside || IsNode(cluster, outside, isolated[inside].Spec.NodeName),
                        $"{source} to {target} on {port}");
                }
            }
        }, iter: 100);

    [Fact]
    public void Another_pod_changes_nothing_between_the_others() =>
        Gen.Select(RandomCluster.Clusters, RandomCluster.Pod).Sample((cluster, pod) =>
        {
            var before = cluster.Evaluator();
            var after = new ReachabilityEvaluator(
                RandomCluster.Snapshot([.. cluster.Objects, RandomCluster.Placed(pod, "added", 22)]));
            foreach (var (source, target, port) in cluster.Questions())
            {
                Assert.Equal(before.Evaluate(source, target, port).Reason, after.Evaluate(source, target, port).Reason);
            }
        }, iter: 60);

    [Fact]
    public void The_order_of_objects_does_not_matter() =>
        Gen.Select(RandomCluster.Clusters, Gen.Int[0, int.MaxValue]).Sample((cluster, seed) =>
        {
            var shuffled = cluster.Objects.ToArray();
            new Random(seed).Shuffle<IKubernetesObject>(shuffled);
            var (one, other) = (cluster.Evaluator(), new ReachabilityEvaluator(RandomCluster.Snapshot(shuffled)));
            foreach (var (source, target, port) in cluster.Questions())
            {
                Assert.Equal(
                    one.Evaluate(source, target, port).Explanation, other.Evaluate(source, target, port).Explanation);
            }
        }, iter: 60);

    [Fact]
    public void The_default_options_admit_whatever_other_options_admit() =>
        Gen.Select(RandomCluster.Clusters, Gen.Bool, Gen.Bool, Gen.Bool).Sample((cluster, pods, nodes, ownNode) =>
        {
            var loose = cluster.Evaluator();
            var strict = cluster.Evaluator(
                new() { IpBlockMatchesPods = pods, IpBlockMatchesNodes = nodes, PodsReachOwnNode = ownNode });
            Assert.All(
                cluster.Questions().Where(item => strict.Evaluate(item.Source, item.Target, item.Port).Allowed),
                item => Assert.True(loose.Evaluate(item.Source, item.Target, item.Port).Allowed));
        }, iter: 60);

    [Fact]
    public void Between_two_decisive_ports_nothing_changes() =>
        Gen.Select(RandomCluster.Clusters, Gen.Enum<TransportProtocol>(), Gen.Int[70, 90])
            .Sample((cluster, protocol, number) =>
            {
                var evaluator = cluster.Evaluator();
                var decisive =
                    evaluator.Snapshot.DecisivePorts.Last(port => port.Protocol == protocol && port.Number <= number);
                foreach (var (source, target) in cluster.Questions()
                    .Select(item => (item.Source, item.Target))
                    .Distinct())
                {
                    Assert.Equal(
                        evaluator.Evaluate(source, target, decisive).Basis,
                        evaluator.Evaluate(source, target, new(protocol, number)).Basis);
                }
            }, iter: 100);

    [Fact]
    public void A_verdict_follows_from_what_it_names() => RandomCluster.Clusters.Sample(cluster =>
    {
        var evaluator = cluster.Evaluator();
        foreach (var verdict in cluster.Questions()
            .Select(item => evaluator.Evaluate(item.Source, item.Target, item.Port)))
        {
            SideDecision[] sides = [.. new[] { verdict.Egress, verdict.Ingress }.OfType<SideDecision>()];
            Assert.Equal(verdict.Circumstance is null ? 2 : 0, sides.Length);
            Assert.True(sides.Length == 0 || verdict.Allowed == sides.All(side => side.Allows));
            Assert.Equal(sides.Any(side => !side.Allows), verdict.DeniedBy is not null);
            Assert.StartsWith(verdict.Allowed ? "allowed" : "denied", verdict.Reason, StringComparison.Ordinal);
            Assert.All(sides, side =>
            {
                Assert.Equal(side.Basis == DecisionBasis.Admitted, !side.Admitting.IsEmpty);
                Assert.All(side.Admitting, rule => Assert.Contains(rule.Policy, side.Isolating));
                Assert.All(side.Misses, miss => Assert.False(miss.PeerMatches && miss.PortMatches));
                Assert.All(side.Misses, miss => Assert.Contains(miss.Rule.Policy, side.Isolating));
            });
        }
    }, iter: 60);

    private static bool IsNewlyIsolated(SideDecision? before, SideDecision? after) =>
        before is { Isolating.IsEmpty: true } && after?.Isolating is [{ Name: "added" }];

    private static bool IsNode(RandomCluster cluster, Endpoint endpoint, string? nodeName) =>
        nodeName is not null && endpoint switch
        {
            NodeEndpoint node => node.Name == nodeName,
            PodEndpoint pod => cluster.Pods.Any(item =>
                item.Metadata.Name == pod.Name && item.Spec.HostNetwork == true && item.Spec.NodeName == nodeName),
            _ => false,
        };
}
