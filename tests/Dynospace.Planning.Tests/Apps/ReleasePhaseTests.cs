using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

public sealed class ReleasePhaseTests
{
    [Fact]
    public void The_release_phase_comes_before_the_first_dyno_of_a_release()
    {
        var app = WithReleasePhase();

        var plan = Plan(Sample.Observed(app));

        Assert.Equal(["shop.release.1"], plan.Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.Null(plan.CurrentRelease);
        Assert.Equal(Reasons.ReleasePhaseRunning, plan.ReleaseProblem?.Reason);
    }

    [Theory]
    [InlineData(null, nameof(Reasons.ReleasePhaseRunning))]
    [InlineData(DynoState.Starting, nameof(Reasons.ReleasePhaseRunning))]
    [InlineData(DynoState.Up, nameof(Reasons.ReleasePhaseRunning))]
    [InlineData(DynoState.Failed, nameof(Reasons.ReleasePhaseFailed))]
    [InlineData(DynoState.Complete, null)]
    public void A_release_goes_out_only_when_its_phase_is_complete(DynoState? state, string? reason)
    {
        var app = WithReleasePhase();
        var observed = Released(app) with { Dynos = [Sample.UpDyno(app, "web", 1), Phase(app, 2, state)] };
        app.Spec.Image = "registry.example/shop:2";
        observed = observed with { Releases = [.. observed.Releases, Wanted(app, 2)] };

        var plan = Plan(observed);

        Assert.Equal(reason, plan.ReleaseProblem?.Reason);
        Assert.Equal(reason is null ? 2 : 1, plan.CurrentRelease);
        Assert.Equal(reason is null ? ["shop.web.1"] : [], plan.Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.DoesNotContain(plan.Children.Deleted<Dyno>(), dyno => dyno.Name == "shop.release.2");
    }

    [Fact]
    public void A_failed_phase_keeps_the_previous_release_and_scaling_goes_on()
    {
        var app = WithReleasePhase();
        var observed = Released(app) with { Dynos = [Sample.UpDyno(app, "web", 1), Phase(app, 2, DynoState.Failed)] };
        app.Spec.Image = "registry.example/shop:2";
        app.Spec.Processes![0].Quantity = 2;
        observed = observed with { Releases = [.. observed.Releases, Wanted(app, 2)] };

        var plan = Plan(observed);
        var status = AppStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now);

        var added = Assert.Single(plan.Dynos);
        Assert.Equal(("shop.web.2", 1L), (added.Metadata.Name, added.Spec.Release));
        Assert.Equal(1, status.Release);
        Assert.Equal(Reasons.ReleasePhaseFailed, Conditions.Find(status.Conditions, ConditionTypes.Released)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Stalled));
    }

    [Fact]
    public void A_phase_whose_dyno_was_deleted_runs_again()
    {
        var app = WithReleasePhase();
        var observed = Released(app);
        app.Spec.Image = "registry.example/shop:2";

        Assert.Contains(
            Plan(observed with { Releases = [.. observed.Releases, Wanted(app, 2)] }).Dynos,
            dyno => dyno.Metadata.Name == "shop.release.2");
    }

    [Fact]
    public void A_release_that_is_out_does_not_run_its_phase_again()
    {
        var app = WithReleasePhase();

        Assert.DoesNotContain(Plan(Released(app)).Dynos, dyno => dyno.Spec.ProcessType == ProcessTypes.Release);
    }

    [Theory]
    [InlineData(DynoState.Up, false)]
    [InlineData(DynoState.Starting, true)]
    [InlineData(null, true)]
    public void Two_phases_never_run_at_once_and_one_that_has_not_begun_is_dropped(DynoState? state, bool isDropped)
    {
        var app = WithReleasePhase();
        var observed = Released(app) with { Dynos = [Phase(app, 2, state)] };
        app.Spec.Image = "registry.example/shop:2";
        observed = observed with { Releases = [.. observed.Releases, Wanted(app, 2)] };
        app.Spec.Image = "registry.example/shop:3";

        var plan = Plan(observed);

        Assert.Equal("shop-r3", plan.Release?.Metadata.Name);
        Assert.DoesNotContain(plan.Dynos, dyno => dyno.Metadata.Name == "shop.release.3");
        Assert.Equal(isDropped, plan.Children.Deleted<Dyno>().Any(dyno => dyno.Name == "shop.release.2"));
    }

    [Fact]
    public void Without_a_phase_of_its_own_a_release_waits_for_the_end_of_a_running_one()
    {
        var app = WithReleasePhase();
        var observed = Released(app) with { Dynos = [Sample.UpDyno(app, "web", 1), Phase(app, 2, DynoState.Up)] };
        app.Spec.Image = "registry.example/shop:2";
        observed = observed with { Releases = [.. observed.Releases, Wanted(app, 2)] };
        app.Spec.Release = null;

        var plan = Plan(observed);

        Assert.Equal("shop-r3", plan.Release?.Metadata.Name);
        Assert.Equal(1, plan.CurrentRelease);
        Assert.Empty(plan.Dynos);
        Assert.Equal(Reasons.ReleasePhaseRunning, plan.ReleaseProblem?.Reason);
    }

    [Fact]
    public void Phases_of_older_releases_are_pruned_and_the_newest_stays_for_its_logs()
    {
        var app = WithReleasePhase();
        var observed = Released(app, number: 3) with
        {
            Dynos = [Phase(app, 2, DynoState.Complete), Phase(app, 3, DynoState.Complete)],
        };

        Assert.Equal(["shop.release.2"], Plan(observed).Children.Deleted<Dyno>().Select(dyno => dyno.Name));
    }

    [Fact]
    public void A_release_phase_of_another_owner_proves_nothing()
    {
        var app = WithReleasePhase();
        var forged = Phase(app, 1, DynoState.Complete);
        forged.Metadata.OwnerReferences = null;

        var plan = Plan(Sample.Observed(app) with { Dynos = [forged], Releases = [Wanted(app, 1)] });

        Assert.Null(plan.CurrentRelease);
        Assert.Equal(Reasons.NameTaken, plan.ReleaseProblem?.Reason);
    }

    private static App Configured()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.Config = new Dictionary<string, string> { ["LOG_LEVEL"] = "info", ["A"] = "b" };
        return app;
    }

    private static App WithReleasePhase()
    {
        var app = Configured();
        app.Spec.Release = new() { Command = ["bin/migrate"] };
        return app;
    }

    /// <summary>The app with the release that its spec asks for now being out.</summary>
    private static ObservedApp Released(App app, long number = 1)
    {
        app.Status = new() { Release = number };
        return Sample.Observed(app) with { Releases = [Wanted(app, number)] };
    }

    private static ReleaseRecord Wanted(App app, long number) =>
        ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = number };

    private static Dyno Phase(App app, int number, DynoState? state)
    {
        var dyno = Sample.Dyno(app, ProcessTypes.Release, number, number);
        dyno.Status = state is null ? null : new() { State = state, Release = number };
        return dyno;
    }

    private static AppPlan Plan(ObservedApp observed) => AppPlanner.Plan(observed, Sample.Options);
}
