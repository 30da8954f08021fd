using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Apps;

public sealed class AppStatusTests
{
    [Fact]
    public void An_app_of_workers_is_ready_without_a_route()
    {
        var app = Sample.App("jobs", ("worker", 1));

        var status = Status(Observed(app, [Sample.UpDyno(app, "worker", 1)]));

        Assert.Equal(Reasons.NoWebProcess, Conditions.Find(status.Conditions, ConditionTypes.Routed)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
        Assert.Null(status.Replicas);
    }

    [Fact]
    public void An_app_that_is_up_is_ready()
    {
        var app = Sample.App("shop", ("web", 2));

        var status = Status(Observed(app, [Sample.UpDyno(app, "web", 1), Sample.UpDyno(app, "web", 2)]));

        Assert.Equal(("2/2", 2, 1L), (status.Dynos, status.Replicas, status.Release));
        Assert.Equal("dynospace.dev/app=shop,dynospace.dev/process-type=web", status.Selector);
        Assert.Equal(
            [
                "Accepted=True/Accepted",
                "Available=True/FormationUp",
                "Ready=True/Ready",
                "Released=True/Released",
                "Routed=True/Routed",
            ],
            status.Conditions!.Select(c => $"{c.Type}={c.Status}/{c.Reason}"));
    }

    [Theory]
    [InlineData("RoleBinding acme/router-public was not made by Dynospace", false, true)]
    [InlineData("RoleBinding acme/router-internal was not made by Dynospace", false, false)]
    [InlineData("RoleBinding acme/router-internal was not made by Dynospace", true, true)]
    [InlineData("Router router-public-acme is being created.", true, false)]
    [InlineData("No pod of router router-internal-router-public serves yet.", false, true)]
    [InlineData("The quota is used up.", false, true)]
    public void An_app_whose_router_has_trouble_is_not_routed_and_says_why(
        string trouble, bool isInternal, bool isConcerned)
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.InternalRouting = isInternal;
        var space = Sample.Space(SpaceRuntime.Private);
        space.Status = new()
        {
            Conditions =
            [
                new() { Type = "NetworkIsolated", Status = "True", Reason = "Applied", Message = "" },
                new() { Type = "RouterReady", Status = "False", Reason = "NameTaken", Message = trouble },
            ],
        };
        var observed = Observed(app, [Sample.UpDyno(app, "web", 1)]) with
        {
            Space = SpaceFacts.FromSpace(space, ClusterFacts.Unknown, Sample.Options),
        };

        var routed = Conditions.Find(Status(observed).Conditions, ConditionTypes.Routed)!;

        Assert.Equal(
            isConcerned ? ("False", "NameTaken") : ("True", "Routed"), (routed.Status, routed.Reason));
        Assert.Equal(isConcerned, routed.Message == $"Space acme: {trouble}");
        Assert.Equal(
            isConcerned ? "NameTaken" : "Ready",
            Conditions.Find(Status(observed).Conditions, ConditionTypes.Ready)?.Reason);
    }

    [Theory]
    [InlineData(RouterProvider.None)]
    [InlineData(RouterProvider.Ingress)]
    public void A_failing_router_does_not_affect_an_app_of_another_provider(RouterProvider provider)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Status = new()
        {
            Conditions = [new() { Type = "RouterReady", Status = "False", Reason = "NameTaken", Message = "" }],
        };

        Assert.Null(
            SpaceFacts.FromSpace(
                space,
                ClusterFacts.Unknown,
                Sample.Options with { Router = new() { Provider = provider } }).RouterProblem);
    }

    [Fact]
    public void Dynos_that_are_not_up_are_named_with_their_reasons()
    {
        var app = Sample.App("shop", ("web", 2));
        var crashed = Sample.Dyno(app, "web", 2);
        crashed.Status = new()
        {
            State = DynoState.Crashed,
            Release = 1,
            Conditions = Conditions.With(
                null, ConditionTypes.Up, ConditionStatus.False, Reasons.Crashed, "m", 1, Sample.Now),
        };

        var status = Status(Observed(app, [Sample.UpDyno(app, "web", 1), crashed]));

        Assert.Contains(
            "shop.web.2 (Crashed)",
            Conditions.Find(status.Conditions, ConditionTypes.Available)?.Message,
            StringComparison.Ordinal);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
    }

    [Theory]
    [InlineData(null, nameof(Reasons.Progressing))]
    [InlineData(nameof(Reasons.Starting), nameof(Reasons.Progressing))]
    [InlineData(nameof(Reasons.Unschedulable), nameof(Reasons.DynosNotUp))]
    public void Starting_dynos_are_not_a_failure(string? dynoReason, string reason)
    {
        var app = Sample.App("shop", ("web", 2));
        var dyno = Sample.Dyno(app, "web", 2);
        dyno.Status = dynoReason is null
            ? null
            : new()
            {
                Conditions = Conditions.With(
                    null, ConditionTypes.Up, ConditionStatus.False, dynoReason, "m", 1, Sample.Now),
            };

        Assert.Equal(
            reason,
            Conditions.Find(
                Status(Observed(app, [Sample.UpDyno(app, "web", 1), dyno])).Conditions,
                ConditionTypes.Available)?.Reason);
    }

    [Fact]
    public void What_the_plan_moves_now_is_not_up_any_more()
    {
        var app = Sample.App("shop", ("web", 4));
        var observed = Observed(app, Enumerable.Range(1, 4).Select(n => Sample.UpDyno(app, "web", n)));
        app.Spec.Image = "registry.example/shop:2";

        var status = Status(observed);

        Assert.Equal("3/4", status.Dynos);
        Assert.Equal(Reasons.RollingOut, Conditions.Find(status.Conditions, ConditionTypes.Released)?.Reason);
        Assert.False(Conditions.IsTrue(status.Conditions, ConditionTypes.Ready));
    }

    [Fact]
    public void A_release_that_could_not_be_stored_is_not_out()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Observed(app, [Sample.UpDyno(app, "web", 1)]);
        app.Spec.Image = "registry.example/shop:2";

        var status = AppStatusBuilder.Build(
            observed,
            Plan(observed),
            new(new(Reasons.ApplyFailed, "refused"), IsRetrying: true),
            Sample.Options,
            Sample.Now);

        Assert.Equal(1, status.Release);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Accepted));
        Assert.Equal(Reasons.ApplyFailed, Conditions.Find(status.Conditions, ConditionTypes.Ready)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Reconciling));
    }

    /// <summary>An app whose newest release is the one that its spec asks for.</summary>
    private static ObservedApp Observed(App app, IEnumerable<Dyno> dynos)
    {
        var release = ReleaseRecord.FromSpec(app.Spec, new Dictionary<string, SecretDigest>()) with { Number = 1 };
        app.Status ??= new() { Release = 1 };
        return Sample.Observed(app) with { Dynos = [.. dynos], Releases = [release] };
    }

    private static AppPlan Plan(ObservedApp observed) => AppPlanner.Plan(observed, Sample.Options);

    private static AppStatus Status(ObservedApp observed) =>
        AppStatusBuilder.Build(observed, Plan(observed), ApplyOutcome.Success, Sample.Options, Sample.Now);
}
