using CsCheck;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Tests.Laws;
using k8s;
using k8s.Models;
using static Dynospace.NodeAgent.Tests.Policies.ClusterOfOneNode;

namespace Dynospace.NodeAgent.Tests.Policies;

/// <summary>What holds of the ruleset of any cluster.</summary>
public sealed class RulesetLaws
{
    /// <summary>A packet between two nodes is judged on both, one between pods of a node once.</summary>
    [Fact]
    public void The_rules_of_all_nodes_admit_what_the_evaluator_allows() => RandomCluster.Clusters.Sample(
        drawn =>
        {
            var cluster = Scheduled(drawn, index => index % 2 == 0 ? "n1" : "n2");
            var evaluator = Evaluator(cluster.Objects);
            var rules = cluster.Nodes.Select(node => Index(node.Metadata.Name, cluster.Objects).Rules).ToArray();
            var addresses = Addresses(cluster);
            foreach (var (source, sourceNode, sourceIsNode) in addresses)
            {
                foreach (var (target, targetNode, targetIsNode) in addresses)
                {
                    // A node's connections to its own pods do not pass the hook.
                    if (source.AddressFamily != target.AddressFamily
                        || ((sourceIsNode || targetIsNode) && sourceNode == targetNode))
                    {
                        continue;
                    }

                    foreach (var port in RandomCluster.AskedPorts)
                    {
                        var verdict = evaluator.Evaluate(Endpoint.At(source), Endpoint.At(target), port);
                        var admitted = rules.All(node => FlowJudge.Admits(node, FlowOf(source, target, port)));
                        Assert.True(
                            admitted == verdict.Allowed,
                            $"{source} to {target} on {port}: rules {admitted}, {verdict}");
                    }
                }
            }
        },
        iter: 300,
        print: cluster => cluster.Describe());

    [Fact]
    public void The_rules_depend_on_the_objects_and_not_on_how_they_came() =>
        Gen.Select(RandomCluster.Clusters, RandomCluster.Clusters, Gen.Int[0, 1].Array[40]).Sample(
            (first, second, coins) =>
            {
                var (from, to) = (Scheduled(first, Node), Scheduled(second, Node));
                var index = Index("n1", from.Objects);
                var applied = new Ruleset { BaseChain = index.Rules.BaseChain };
                Follow();

                // Every object becomes the other cluster's, in an order by chance, in several transactions.
                var steps = to.Objects.Select(item => (item, false))
                    .Concat(from.Objects.Where(item => to.Objects.All(other => Name(other) != Name(item)))
                        .Select(item => (item, true)))
                    .Select((step, at) => (step, coin: coins[at % coins.Length]))
                    .OrderBy(entry => entry.coin)
                    .ToList();
                foreach (var ((item, isGone), coin) in steps)
                {
                    Set(index, item, isGone);
                    if (coin == 0)
                    {
                        Follow();
                    }
                }

                Follow();
                var fresh = Index("n1", to.Objects).Rules;
                Assert.True(RulesetDiff.Between(index.Rules, fresh).IsEmpty);
                Assert.True(RulesetDiff.Between(applied, fresh).IsEmpty);

                void Follow()
                {
                    RulesetDiff.Between(applied, index.Rules, index.Touched).ApplyTo(applied);
                    // What was never written, the parts that are always there, is not touched.
                    foreach (var (name, set) in index.Rules.Sets.Where(set => !applied.Sets.ContainsKey(set.Key)))
                    {
                        applied.Sets[name] = new RuleSetContent(set.Type)
                        {
                            Elements = new(set.Elements, StringComparer.Ordinal),
                        };
                    }

                    index.Touched.Clear();
                }

                static string Node(int at) => at % 3 == 0 ? "n2" : "n1";
            },
            iter: 300,
            print: sample => $"{sample.Item1.Describe()}\n=====\n{sample.Item2.Describe()}");

    [Fact]
    public void Without_objects_nothing_is_left_of_them() => RandomCluster.Clusters.Sample(cluster =>
    {
        var objects = Scheduled(cluster, _ => "n1").Objects;
        var index = Index("n1", objects);
        foreach (var item in objects)
        {
            Set(index, item, isGone: true);
        }

        Assert.True(RulesetDiff.Between(new PolicyIndex("n1", CidrSet.Empty).Rules, index.Rules).IsEmpty);
    });

    /// <summary>The judge of open connections is asked of protocols without ports, too.</summary>
    [Fact]
    public void A_rule_with_ports_admits_no_other_protocol() => RandomCluster.Clusters.Sample(cluster =>
    {
        var scheduled = Scheduled(cluster, _ => "n1");
        var rules = Index("n1", scheduled.Objects).Rules;
        foreach (var (source, _, _) in Addresses(scheduled))
        {
            foreach (var (target, _, _) in Addresses(scheduled))
            {
                if (source.AddressFamily == target.AddressFamily
                    && FlowJudge.Admits(rules, new Flow(source, target, 1, 0)))
                {
                    // What admits ping has no ports and so admits all of them.
                    Assert.True(FlowJudge.Admits(rules, FlowOf(source, target, TransportPort.Sctp(7))));
                }
            }
        }
    });

    private static (string, string?, string) Name(IKubernetesObject item)
    {
        var metadata = ((IKubernetesObject<V1ObjectMeta>)item).Metadata;
        return (item.GetType().Name, metadata.NamespaceProperty, metadata.Name);
    }
}
