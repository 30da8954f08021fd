using CsCheck;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

public sealed class RollingUpdateTests
{
    private const int EnoughRounds = 200;

    /// <summary>
    /// What befalls a rollout between two plans: which dynos settle, whether well, and how old the planner's view is.
    /// </summary>
    private static readonly Gen<(int Dyno, bool IsUp, int Lag)[]> Weather =
        Gen.Select(
            Gen.Int[0, 30], Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), Gen.Int[0, 6]).Array[0, 60];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(8, 2)]
    [InlineData(9, 3)]
    [InlineData(100, 25)]
    public void A_quarter_rounded_up_is_replaced_at_once(int quantity, int batch)
    {
        var app = UpApp(quantity, 0);
        app.App.Spec.Image = "registry.example/shop:2";

        Assert.Equal(batch, app.Reconcile().Dynos.Count);
        Assert.Empty(app.Reconcile().Dynos);
    }

    [Fact]
    public void The_next_batch_goes_when_the_last_is_up()
    {
        var app = UpApp(8, 0);
        app.App.Spec.Image = "registry.example/shop:2";
        Assert.Equal(["shop.web.1", "shop.web.2"], app.Reconcile().Dynos.Select(dyno => dyno.Metadata.Name));

        app.Settle("shop.web.2", isUp: true);
        Assert.Equal(["shop.web.3"], app.Reconcile().Dynos.Select(dyno => dyno.Metadata.Name));
    }

    [Fact]
    public void A_release_that_does_not_come_up_takes_no_more_than_a_quarter_down_and_a_fix_gets_through()
    {
        var app = UpApp(8, 0);
        app.App.Spec.Image = "registry.example/shop:broken";
        app.Reconcile();
        app.Settle("shop.web.1", isUp: false);
        app.Settle("shop.web.2", isUp: false);
        Assert.Empty(app.Reconcile().Dynos);

        app.App.Spec.Image = "registry.example/shop:fixed";

        Assert.Equal(["shop.web.1", "shop.web.2"], app.Reconcile().Dynos.Select(dyno => dyno.Metadata.Name));
    }

    [Fact]
    public void Dynos_that_are_all_down_get_a_fix_at_once()
    {
        var app = UpApp(8, 0);
        foreach (var name in app.Dynos.Keys)
        {
            app.Settle(name, isUp: false);
        }

        app.App.Spec.Image = "registry.example/shop:fixed";

        Assert.Equal(8, app.Reconcile().Dynos.Count);
    }

    [Fact]
    public void Never_more_than_a_quarter_of_a_type_is_down_by_our_own_doing_whatever_happens() =>
        Gen.Select(Gen.Int[1, 13], Gen.Int[0, 13], Gen.Bool, Weather).Sample((web, worker, isResize, weather) =>
        {
            var app = UpApp(web, worker);
            Change(app, isResize);
            foreach (var (dyno, isUp, lag) in weather)
            {
                app.Reconcile(lag);
                app.Settle(app.Dynos.Keys.Order().ElementAt(dyno % app.Dynos.Count), isUp);
                Assert.True(app.DownByUs("web") <= (web + 3) / 4, $"{app.DownByUs("web")} of {web} web dynos are down");
                Assert.True(
                    app.DownByUs("worker") <= (worker + 3) / 4,
                    $"{app.DownByUs("worker")} of {worker} workers are down");
            }
        });

    [Fact]
    public void A_rollout_converges_from_wherever_it_stands_and_then_plans_nothing() =>
        Gen.Select(Gen.Int[0, 13], Gen.Int[0, 13], Gen.Int[0, 13], Gen.Bool, Weather)
            .Sample((before, after, worker, isResize, weather) =>
            {
                var app = UpApp(before, worker);
                Change(app, isResize);
                app.App.Spec.Processes![0].Quantity = after;
                foreach (var (dyno, isUp, lag) in weather.Where(_ => app.Dynos.Count > 0))
                {
                    app.Reconcile(lag);
                    if (app.Dynos.Count > 0)
                    {
                        app.Settle(app.Dynos.Keys.Order().ElementAt(dyno % app.Dynos.Count), isUp);
                    }
                }

                SettleAll(app);

                Assert.Equal(after + worker, app.Dynos.Count);
                Assert.All(app.Dynos.Values, dyno => Assert.Equal(app.App.Status!.Release, dyno.Spec.Release));
                AssertPlansNothing(app);
                Assert.True(Conditions.IsTrue(app.App.Status!.Conditions, Api.ConditionTypes.Ready));
            });

    /// <summary>Another image is another release; another size replaces dynos within the one that is out.</summary>
    private static void Change(SimulatedApp app, bool isResize)
    {
        if (isResize)
        {
            app.App.Spec.Processes![0].Size = DynoSizes.Standard2X;
        }
        else
        {
            app.App.Spec.Image = "registry.example/shop:2";
        }
    }

    private static SimulatedApp UpApp(int web, int worker)
    {
        var app = new SimulatedApp(Sample.App("shop", ("web", web), ("worker", worker)));
        SettleAll(app);
        return app;
    }

    private static void SettleAll(SimulatedApp app)
    {
        for (var round = 0; round < EnoughRounds; round++)
        {
            foreach (var name in app.Dynos.Keys)
            {
                app.Settle(name, isUp: true);
            }

            var plan = app.Reconcile();
            if (plan.Dynos.Count == 0 && plan.Children.Deleted<Dyno>().Count == 0)
            {
                return;
            }
        }

        Assert.Fail($"The app still changes after {EnoughRounds} rounds.");
    }

    private static void AssertPlansNothing(SimulatedApp app)
    {
        var plan = AppPlanner.Plan(app.Observe(), Sample.Options);
        Assert.Null(plan.Release);
        Assert.Empty(plan.Dynos);
        Assert.Empty(plan.Children.Deleted<Dyno>());
        Assert.Empty(plan.Children.Deleted<V1ControllerRevision>());
        Assert.True(
            AppStatusBuilder.Build(app.Observe(), plan, ApplyOutcome.Success, Sample.Options, Sample.Now)
                .IsEquivalentTo(app.App.Status));
    }
}
