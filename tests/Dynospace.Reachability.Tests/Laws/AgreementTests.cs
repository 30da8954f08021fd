using CsCheck;

namespace Dynospace.Reachability.Tests.Laws;

public sealed class AgreementTests
{
    [Fact]
    public void The_evaluator_agrees_with_a_naive_reading_of_the_specification() => RandomCluster.Clusters.Sample(
        cluster =>
        {
            var (evaluator, naive) = (cluster.Evaluator(), cluster.Naive());
            foreach (var (source, target, port) in cluster.Questions())
            {
                var verdict = evaluator.Evaluate(source, target, port);
                Assert.True(
                    naive.Allows(source, target, port) == verdict.Allowed,
                    $"{source} to {target} on {port}: {verdict}");
            }
        },
        iter: 200,
        print: cluster => cluster.Describe());

    /// <summary>Agreement on clusters where everything is allowed, or nothing, would prove little.</summary>
    [Fact]
    public void Random_clusters_have_every_kind_of_answer()
    {
        var bases = new HashSet<(PolicyDirection, DecisionBasis)>();
        RandomCluster.Clusters.Sample(
            cluster =>
            {
                var evaluator = cluster.Evaluator();
                foreach (var (source, target, port) in cluster.Questions())
                {
                    var verdict = evaluator.Evaluate(source, target, port);
                    foreach (var side in new[] { verdict.Egress, verdict.Ingress }.OfType<SideDecision>())
                    {
                        bases.Add((side.Direction, side.Basis));
                    }
                }
            },
            iter: 100,
            threads: 1);

        Assert.Equal(2 * Enum.GetValues<DecisionBasis>().Length, bases.Count);
    }
}
