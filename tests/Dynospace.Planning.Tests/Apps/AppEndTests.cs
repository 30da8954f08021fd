using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

/// <summary>What an App says and does when it is deleted, refused, or out of reach.</summary>
public sealed class AppEndTests
{
    [Fact]
    public void A_finalizer_keeps_the_app_and_not_what_it_runs()
    {
        var observed = Deleted("tenant.example/hold");

        Assert.Equal(
            ["shop.web.1", "shop.worker.1"], Plan(observed).Children.Deleted<Dyno>().Select(dyno => dyno.Name));
        var status = Status(observed);
        Assert.Null(status.Hosts);
        Assert.Equal(ConditionStatus.False, Conditions.Find(status.Conditions, ConditionTypes.Routed)?.Status);
        Assert.Contains(
            "tenant.example/hold",
            Conditions.Find(status.Conditions, ConditionTypes.Ready)!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_orphans_its_dynos_keeps_them() => Assert.Empty(Plan(Deleted("orphan")).Children.Deletions);

    [Fact]
    public void A_refused_release_leaves_the_dynos_of_the_last_one_counted_and_routed()
    {
        var observed = Running();
        observed.App.Spec.Image = "registry.example/shop:2";
        var plan = Plan(observed);
        Assert.Equal("shop-r2", plan.Release?.Metadata.Name);
        var refused = new ApplyOutcome(new(Reasons.ApplyFailed, "Secret acme/shop-r2: quota"), IsRetrying: false);

        var status = AppStatusBuilder.Build(
            observed,
            plan with { Unapplied = plan.Dynos.Select(dyno => dyno.Metadata.Name).ToHashSet() },
            refused,
            Sample.Options,
            Sample.Now);

        Assert.Equal("2/2", status.Dynos);
        Assert.Equal(1, status.Release);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Available));
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Routed));
        Assert.False(Conditions.IsTrue(status.Conditions, ConditionTypes.Released));
        Assert.False(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(2, true)]
    [InlineData(0, false)]
    public void An_app_whose_service_has_no_ready_endpoint_is_not_routed(int? ready, bool isRouted)
    {
        var status = Status(Running() with { ReadyEndpoints = ready });

        var routed = Conditions.Find(status.Conditions, ConditionTypes.Routed)!;
        Assert.Equal(isRouted, routed.Status == ConditionStatus.True);
        Assert.Equal(isRouted ? Reasons.Routed : Reasons.NoEndpoints, routed.Reason);
        Assert.Equal(isRouted, Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Theory]
    [InlineData(1, "The dyno is up.")]
    [InlineData(2, "All 2 dynos are up.")]
    public void What_is_up_is_said_in_english(int quantity, string said)
    {
        var app = Sample.App("shop", ("worker", quantity));
        var observed = Released(app) with
        {
            Dynos = [.. Enumerable.Range(1, quantity).Select(n => Sample.UpDyno(app, "worker", n))],
        };

        Assert.Equal(said, Conditions.Find(Status(observed).Conditions, ConditionTypes.Available)?.Message);
    }

    private static ObservedApp Running()
    {
        var app = Sample.App("shop", ("web", 1), ("worker", 1));
        return Released(app) with { Dynos = [Sample.UpDyno(app, "web", 1), Sample.UpDyno(app, "worker", 1)] };
    }

    private static ObservedApp Deleted(string finalizer)
    {
        var observed = Running();
        observed.App.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        observed.App.Metadata.Finalizers = [finalizer];
        observed.App.Status!.Hosts = ["shop.acme.dynospace.localhost"];
        return observed;
    }

    private static ObservedApp Released(App app)
    {
        app.Status = new() { Release = 1 };
        return Sample.Observed(app) with
        {
            Releases =
            [
                ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = 1 },
            ],
        };
    }

    private static AppPlan Plan(ObservedApp observed) => AppPlanner.Plan(observed, Sample.Options);

    private static AppStatus Status(ObservedApp observed) =>
        AppStatusBuilder.Build(observed, Plan(observed), ApplyOutcome.Success, Sample.Options, Sample.Now);
}
