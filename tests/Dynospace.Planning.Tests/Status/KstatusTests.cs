using Dynospace.Api;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Dynos;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Status;

/// <summary>
/// What kstatus computes (Helm, Flux, kpt) over the life of each kind. Each life is one list of steps; the status of a
/// step is what the next one starts from, as on a cluster.
/// </summary>
public sealed class KstatusTests
{
    private static readonly TimeSpan Grace = Sample.Options.Cluster.StallAfter;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private static ApplyOutcome Quota { get; } = new(new(Reasons.ApplyFailed, "exceeded quota"), IsRetrying: false);

    private static ApplyOutcome ServerDown { get; } = new(new(Reasons.ApplyFailed, "webhook down"), IsRetrying: true);

    private static ApplyOutcome Invalid { get; } =
        new(new(Reasons.ApplyFailed, "spec.x: Required value"), IsRetrying: false) { IsPermanent = true };

    private static ApplyOutcome Taken { get; } = new(new(Reasons.NameTaken, "taken"), IsRetrying: false);

    public static TheoryData<string, ApplyOutcome, bool> Refusals => new()
    {
        { "a quota", Quota, false },
        { "a server that fails", ServerDown, false },
        { "a field", Invalid, true },
        { "a name of another owner", Taken, true },
    };

    [Fact]
    public void Before_the_operator_has_looked_no_object_is_done()
    {
        Assert.Equal("InProgress", Kstatus(1, new() { ObservedGeneration = -1 }));
        Assert.Equal("InProgress", Kstatus(7, new() { ObservedGeneration = -1 }));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_stalls_at_once_only_where_no_time_heals(string what, ApplyOutcome refusal, bool isForEver)
    {
        var kinds = new Func<ApplyOutcome, TimeSpan, string>[] { SpaceLife(), AppLife(), DynoLife() };
        foreach (var live in kinds)
        {
            var early = isForEver ? "Failed" : "InProgress";
            Assert.Equal((what, early), (what, live(refusal, TimeSpan.Zero)));
            Assert.Equal((what, early), (what, live(refusal, Grace - Moment)));
            Assert.Equal((what, "Failed"), (what, live(refusal, Grace)));
            Assert.Equal((what, "Failed"), (what, live(refusal, Grace * 10)));
            Assert.NotEqual((what, "Failed"), (what, live(ApplyOutcome.Success, (Grace * 10) + Moment)));
            Assert.Equal((what, early), (what, live(refusal, (Grace * 10) + (2 * Moment))));
        }
    }

    [Fact]
    public void A_new_generation_begins_another_grace()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Sample.Observed(app) with { Space = null };
        Assert.Equal("InProgress", Step(observed, ApplyOutcome.Success, TimeSpan.Zero));
        Assert.Equal("InProgress", Step(observed, ApplyOutcome.Success, Grace - Moment));
        app.Metadata.Generation = 2;
        Assert.Equal("InProgress", Step(observed, ApplyOutcome.Success, Grace));
        Assert.Equal("InProgress", Step(observed, ApplyOutcome.Success, (2 * Grace) - Moment));
        Assert.Equal("Failed", Step(observed, ApplyOutcome.Success, 2 * Grace));
        app.Metadata.Generation = 3;
        Assert.Equal("InProgress", Step(observed, ApplyOutcome.Success, (2 * Grace) + Moment));
    }

    [Theory]
    [InlineData(true, "Failed")]
    [InlineData(false, "InProgress")]
    public void An_app_waits_for_what_may_come_and_heals_after_it_stalled(bool comesLate, string before)
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }];
        var lacking = Sample.Observed(app);
        Assert.Equal("InProgress", Step(lacking, ApplyOutcome.Success, TimeSpan.Zero));
        var later = comesLate ? Grace : Grace - Moment;
        Assert.Equal(before, Step(lacking, ApplyOutcome.Success, later));

        var complete = lacking with { Secrets = [new("shop-secrets", "hash")] };
        Assert.Equal("InProgress", Step(complete, ApplyOutcome.Success, later + Moment));
        var plan = AppPlanner.Plan(complete, Sample.Options);
        var release = ReleaseRecord.FromSpec(app.Spec, complete.Secrets.ToDictionary(s => s.Name)) with { Number = 1 };
        var up = complete with { Releases = [release], Dynos = [Sample.UpDyno(app, "web", 1)] };
        Assert.NotNull(plan.Release);
        Assert.Equal("Current", Step(up, ApplyOutcome.Success, later + (2 * Moment)));
    }

    [Fact]
    public void The_end_of_the_grace_is_when_the_object_is_looked_at_again()
    {
        var app = Sample.App("shop", ("web", 1));
        Step(Sample.Observed(app) with { Space = null }, ApplyOutcome.Success, TimeSpan.Zero);

        TimeSpan? After(TimeSpan elapsed) =>
            Planning.Status.Grace.RecheckAfter(app.Status!.Conditions, Grace, Sample.Now + elapsed);

        Assert.Equal(Grace, After(TimeSpan.Zero));
        Assert.Equal(Grace - Moment, After(Moment));
        Assert.Equal(Moment, After(Grace));
        Step(Sample.Observed(app) with { Space = null }, ApplyOutcome.Success, Grace);
        Assert.Null(After(Grace));
    }

    [Fact]
    public void What_moves_by_itself_never_stalls()
    {
        var space = Sample.Space();
        var routerComes = Sample.Observed(space) with { Routers = [] };
        Assert.Equal("InProgress", Step(routerComes, ApplyOutcome.Success, TimeSpan.Zero));
        Assert.Equal("InProgress", Step(routerComes, ApplyOutcome.Success, Grace * 3));
        Assert.Equal("Current", Step(Sample.Observed(space), ApplyOutcome.Success, Grace * 4));
    }

    private static Func<ApplyOutcome, TimeSpan, string> SpaceLife()
    {
        var observed = Sample.Observed(Sample.Space());
        return (outcome, elapsed) => Step(observed, outcome, elapsed);
    }

    private static Func<ApplyOutcome, TimeSpan, string> AppLife()
    {
        var observed = Sample.Observed(Sample.App("shop", ("web", 1)));
        return (outcome, elapsed) => Step(observed, outcome, elapsed);
    }

    private static Func<ApplyOutcome, TimeSpan, string> DynoLife()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Sample.Observed(Sample.Dyno(app, "web", 1), app);
        return (outcome, elapsed) => Step(observed, outcome, elapsed);
    }

    private static string Step(ObservedSpace observed, ApplyOutcome outcome, TimeSpan elapsed)
    {
        var space = observed.Space;
        var plan = SpacePlanner.Plan(observed, Sample.Options);
        space.Status = SpaceStatusBuilder.Build(
            observed, plan, new() { Policies = outcome }, Sample.Options, Sample.Now + elapsed);
        return Kstatus(space.Metadata.Generation, new(space.Status.ObservedGeneration, space.Status.Conditions));
    }

    private static string Step(ObservedApp observed, ApplyOutcome outcome, TimeSpan elapsed)
    {
        var app = observed.App;
        var plan = AppPlanner.Plan(observed, Sample.Options);
        app.Status = AppStatusBuilder.Build(observed, plan, outcome, Sample.Options, Sample.Now + elapsed);
        return Kstatus(app.Metadata.Generation, new(app.Status.ObservedGeneration, app.Status.Conditions));
    }

    private static string Step(ObservedDyno observed, ApplyOutcome outcome, TimeSpan elapsed)
    {
        var dyno = observed.Dyno;
        var plan = DynoPlanner.Plan(observed, Sample.Options);
        dyno.Status = DynoStatusBuilder.Build(observed, plan, outcome, Sample.Options, Sample.Now + elapsed);
        return Kstatus(dyno.Metadata.Generation, new(dyno.Status.ObservedGeneration, dyno.Status.Conditions));
    }

    /// <summary>What kstatus computes, and with it the health check for Argo CD.</summary>
    private static string Kstatus(long? generation, SeenStatus status)
    {
        var computed = Computed(generation, status);
        var health = computed switch { "Failed" => "Degraded", "Current" => "Healthy", _ => "Progressing" };
        Assert.Equal(health, ArgoHealth.Of(generation, status.ObservedGeneration, status.Conditions));
        return computed;
    }

    /// <summary>kstatus's rules for custom resources, in its order (pkg/kstatus/status/generic.go).</summary>
    private static string Computed(long? generation, SeenStatus status)
    {
        if (status.ObservedGeneration is { } observed && observed != generation)
        {
            return "InProgress";
        }

        foreach (var condition in status.Conditions ?? [])
        {
            switch (condition.Type, condition.Status)
            {
                case ("Reconciling", "True"):
                    return "InProgress";
                case ("Stalled", "True"):
                    return "Failed";
                default:
                    break;
            }
        }

        return Conditions.Find(status.Conditions, "Ready") is { Status: not "True" } ? "InProgress" : "Current";
    }

    private sealed record SeenStatus(long? ObservedGeneration = null, IEnumerable<V1Condition>? Conditions = null);
}
