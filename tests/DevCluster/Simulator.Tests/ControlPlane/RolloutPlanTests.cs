using CsCheck;
using DevCluster.Simulator.Workloads;

namespace DevCluster.Simulator.Tests.ControlPlane;

public sealed class RolloutPlanTests
{
    [Theory]
    [InlineData("25%", 4, true, 1)]
    [InlineData("25%", 5, true, 2)]
    [InlineData("25%", 5, false, 1)]
    [InlineData("100%", 3, false, 3)]
    public void Percentages_round_in_favour_of_progress(string value, int replicas, bool roundUp, int expected) =>
        Assert.Equal(expected, RolloutPlan.Resolve(value, replicas, roundUp));

    [Fact]
    public void A_rollout_stays_within_its_limits_and_ends() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 4], Gen.Int[0, 4]).Sample((replicas, surge, unavailable) =>
        {
            if (surge == 0 && unavailable == 0)
            {
                unavailable = 1;
            }

            unavailable = Math.Min(unavailable, replicas);
            if (surge == 0 && unavailable == 0)
            {
                return;
            }

            var current = new RolloutPlan.Set("new", 0, 0, 0);
            var old = new RolloutPlan.Set("old", replicas, replicas, replicas);
            for (var step = 0; step < 100; step++)
            {
                var plan = RolloutPlan.Next(current, [old], replicas, surge, unavailable);
                if (plan.Count == 0)
                {
                    break;
                }

                // All pods that are asked for become available at once, all that are not wanted go at once.
                current = Follow(current, plan);
                old = Follow(old, plan);
                Assert.True(current.Wanted + old.Wanted <= replicas + surge);
                Assert.True(current.Available + old.Available >= replicas - unavailable);
            }

            Assert.Equal((replicas, 0), (current.Wanted, old.Wanted));
        });

    [Fact]
    public void What_does_not_serve_goes_first()
    {
        var plan = RolloutPlan.Next(
            new("new", 1, 1, 0),
            [new("broken", 2, 2, 0), new("serving", 2, 2, 2)],
            replicas: 3,
            maxSurge: 2,
            maxUnavailable: 1);

        Assert.Equal(0, plan["broken"]);
        Assert.False(plan.ContainsKey("serving"));
    }

    private static RolloutPlan.Set Follow(RolloutPlan.Set set, IReadOnlyDictionary<string, int> plan) =>
        plan.TryGetValue(set.Uid, out var wanted) ? new(set.Uid, wanted, wanted, wanted) : set;
}
