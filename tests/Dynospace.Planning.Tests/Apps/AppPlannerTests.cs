using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Apps;
using Dynospace.Planning.Releases;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Apps;

public sealed class AppPlannerTests
{
    [Fact]
    public void A_new_app_gets_a_release_its_services_and_its_dynos()
    {
        var plan = AppPlanner.Plan(Sample.Observed(Sample.App("shop", ("web", 2), ("worker", 1))), Sample.Options);

        Assert.Equal("shop-r1", plan.Release?.Metadata.Name);
        Assert.Equal(
            ["shop", "shop--web", "shop--worker"], plan.Services.Select(service => service.Metadata.Name).Order());
        Assert.Equal(["shop.web.1", "shop.web.2", "shop.worker.1"], plan.Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.All(plan.Dynos, dyno => Assert.Equal(1, dyno.Spec.Release));
    }

    public static TheoryData<string, Func<ObservedApp, ObservedApp>, string, string> Refusals => new()
    {
        { "a namespace without a Space", observed => observed with
        {
            Space = null,
        }, Reasons.SpaceNotFound, ConditionTypes.Reconciling },
        { "a Space that has not taken its namespace", observed => observed with
        {
            Space = null,
            SpaceExists = true,
        }, Reasons.SpaceNotReady, ConditionTypes.Reconciling },
        { "a Space that is being deleted", observed => observed with
        {
            Space = observed.Space! with { IsDeleting = true },
        }, Reasons.SpaceNotReady, ConditionTypes.Reconciling },
        { "a Secret that does not exist", WithSecret, Reasons.SecretNotFound, ConditionTypes.Reconciling },
    };

    [Theory]
    [InlineData(SpaceRuntime.Common, DynoSizes.PrivateS, true)]
    [InlineData(SpaceRuntime.Common, DynoSizes.Standard2X, false)]
    [InlineData(SpaceRuntime.Private, DynoSizes.PrivateS, false)]
    [InlineData(SpaceRuntime.Shield, DynoSizes.Standard1X, false)]
    [InlineData(SpaceRuntime.Shield, "Custom-Build", true)]
    public void A_size_of_another_runtime_is_refused_by_process_size_and_remedy(
        SpaceRuntime runtime, string size, bool isRefused)
    {
        var app = Sample.App("shop", ("web", 1), ("worker", 1));
        app.Spec.Processes![1].Size = size;

        var problem = Plan(Sample.Observed(app) with { Space = Sample.ReadySpace(runtime) }).Problem;

        Assert.Equal(isRefused ? Reasons.SizeUnsupported : null, problem?.Reason);
        Assert.Equal(
            isRefused,
            problem?.Message.StartsWith(
                size == DynoSizes.PrivateS
                    ? "spec.processes worker has size Private-S, which needs a Private or Shield space"
                    : $"spec.processes worker has size {size}, which this platform does not have: use one of Eco, ",
                StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void A_service_account_token_is_not_config()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "default-token" } }];
        var observed = Sample.Observed(app) with
        {
            Secrets = [new("default-token", "h", IsToken: true)],
            Dynos = [Sample.UpDyno(app, "web", 1)],
        };

        var plan = AppPlanner.Plan(observed, Sample.Options);

        Assert.Equal(Reasons.SecretRefused, plan.Problem?.Reason);
        Assert.Contains("spec.configFrom names default-token", plan.Problem?.Message, StringComparison.Ordinal);
        Assert.Null(plan.Release);
        Assert.Empty(plan.Children.Deleted<Dyno>());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_applied_leaves_all_that_runs(
        string what, Func<ObservedApp, ObservedApp> change, string reason, string verdict)
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = change(Sample.Observed(app) with
        {
            Space = Sample.ReadySpace(),
            Dynos = [Sample.UpDyno(app, "web", 1), Sample.UpDyno(app, "web", 2)],
            Releases = [Sample.Release()],
        });

        var plan = AppPlanner.Plan(observed, Sample.Options);
        var status = AppStatusBuilder.Build(observed, plan, ApplyOutcome.Success, Sample.Options, Sample.Now);

        Assert.NotEmpty(what);
        Assert.Equal(reason, plan.Problem?.Reason);
        Assert.Null(plan.Release);
        Assert.Empty(plan.Services);
        Assert.Empty(plan.Dynos);
        Assert.Empty(plan.Children.Deleted<Dyno>());
        Assert.Empty(plan.Children.Deleted<V1Service>());
        Assert.NotNull(plan.RecheckAfter);
        Assert.Equal(reason, Conditions.Find(status.Conditions, ConditionTypes.Accepted)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, verdict));
    }

    private static ObservedApp WithSecret(ObservedApp observed)
    {
        observed.App.Spec.ConfigFrom = [new() { SecretRef = new() { Name = "absent" } }];
        return observed;
    }

    [Fact]
    public void Scaling_down_takes_the_highest_numbers_first()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Observed(app, Enumerable.Range(1, 4).Select(n => Sample.UpDyno(app, "web", n)));

        Assert.Equal(
            ["shop.web.4", "shop.web.3", "shop.web.2"],
            Plan(observed).Children.Deleted<Dyno>().Select(dyno => dyno.Name));
    }

    [Fact]
    public void Scaling_up_adds_the_next_numbers_and_touches_no_other()
    {
        var app = Sample.App("shop", ("web", 3));

        Assert.Equal(
            ["shop.web.2", "shop.web.3"],
            Plan(Observed(app, [Sample.UpDyno(app, "web", 1)])).Dynos.Select(dyno => dyno.Metadata.Name));
    }

    [Fact]
    public void Replicas_take_the_place_of_the_quantity_of_web()
    {
        var app = Sample.App("shop", ("web", 1), ("worker", 1));
        app.Spec.Replicas = 3;

        Assert.Equal(
            ["shop.web.1", "shop.web.2", "shop.web.3", "shop.worker.1"],
            Plan(Observed(app, [])).Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.Equal("web=3 worker=1", Status(Observed(app, [])).Formation);
    }

    [Fact]
    public void A_process_type_that_is_gone_takes_its_dynos_and_service_with_it()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Observed(app, [Sample.UpDyno(app, "web", 1), Sample.UpDyno(app, "worker", 1)]) with
        {
            Services = [new("shop--worker", "s", app.Metadata.Uid), new("shop", "t", app.Metadata.Uid)],
        };

        Assert.Equal(["shop.worker.1"], Plan(observed).Children.Deleted<Dyno>().Select(dyno => dyno.Name));
        Assert.Equal(["shop--worker"], Plan(observed).Children.Deleted<V1Service>().Select(service => service.Name));
    }

    [Fact]
    public void One_offs_that_people_started_are_never_pruned()
    {
        var app = Sample.App("shop", ("web", 0));

        Assert.Empty(Plan(Observed(app, [Sample.Dyno(app, "run", 9157)])).Children.Deleted<Dyno>());
    }

    [Fact]
    public void A_dyno_of_others_is_left_alone_and_its_number_stays_free()
    {
        var app = Sample.App("shop", ("web", 2));
        var foreign = Sample.Dyno(app, "web", 1);
        foreign.Metadata.OwnerReferences = null;
        var surplus = Sample.Dyno(app, "web", 7);
        surplus.Metadata.OwnerReferences = null;

        var plan = Plan(Observed(app, [foreign, surplus]));

        Assert.Equal(["shop.web.2"], plan.Dynos.Select(dyno => dyno.Metadata.Name));
        Assert.Empty(plan.Children.Deleted<Dyno>());
        Assert.Equal(Reasons.NameTaken, Assert.Single(plan.Warnings).Reason);
    }

    [Fact]
    public void A_service_of_others_is_left_alone_and_the_rest_goes_on()
    {
        var app = Sample.App("shop", ("web", 1));
        var observed = Observed(app, [Sample.UpDyno(app, "web", 1)]) with { Services = [new("shop", "s", null)] };

        var plan = Plan(observed);
        var status = Status(observed);

        Assert.Equal(["shop--web"], plan.Services.Select(service => service.Metadata.Name));
        Assert.Empty(plan.Children.Deleted<V1Service>());
        Assert.Equal(Reasons.NameTaken, Conditions.Find(status.Conditions, ConditionTypes.Routed)?.Reason);
        Assert.Equal(Reasons.NameTaken, Conditions.Find(status.Conditions, ConditionTypes.Accepted)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Available));
    }

    [Theory]
    [InlineData(SpaceRuntime.Common, false, "public")]
    [InlineData(SpaceRuntime.Private, false, "public")]
    [InlineData(SpaceRuntime.Private, true, "internal")]
    [InlineData(SpaceRuntime.Shield, true, "internal")]
    public void The_web_service_says_which_listener_may_serve_it(SpaceRuntime runtime, bool isInternal, string routing)
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.InternalRouting = isInternal;

        var plan = Plan(Observed(app, []) with { Space = Sample.ReadySpace(runtime) });

        Assert.Equal(
            routing, plan.Services.Single(service => service.Metadata.Name == "shop").Metadata.Labels[Labels.Routing]);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Internal_routing_in_a_common_space_withholds_the_route_only()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Spec.InternalRouting = true;
        var observed = Observed(app, [Sample.UpDyno(app, "web", 1)]) with
        {
            Services = [new("shop", "s", app.Metadata.Uid)],
        };

        var plan = Plan(observed);

        Assert.Equal(["shop--web"], plan.Services.Select(service => service.Metadata.Name));
        Assert.Equal(["shop"], plan.Children.Deleted<V1Service>().Select(service => service.Name));
        Assert.Equal(Reasons.InternalRoutingUnsupported, Assert.Single(plan.Warnings).Reason);
        Assert.Equal(
            Reasons.InternalRoutingUnsupported,
            Conditions.Find(Status(observed).Conditions, ConditionTypes.Routed)?.Reason);
    }

    [Fact]
    public void An_app_that_is_being_deleted_is_left_to_garbage_collection()
    {
        var app = Sample.App("shop", ("web", 1));
        app.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime;

        Assert.Equivalent(new AppPlan(), Plan(Observed(app, [])));
    }

    [Fact]
    public void A_change_of_size_replaces_the_dynos_of_that_type_without_a_release()
    {
        var app = Sample.App("shop", ("web", 4), ("worker", 1));
        app.Spec.Processes![0].Size = DynoSizes.Standard2X;
        var observed = Observed(
            app,
            [.. Enumerable.Range(1, 4).Select(n => Sample.UpDyno(app, "web", n)), Sample.UpDyno(app, "worker", 1)]);

        var plan = Plan(observed);

        Assert.Null(plan.Release);
        var moved = Assert.Single(plan.Dynos);
        Assert.Equal(("shop.web.1", DynoSizes.Standard2X), (moved.Metadata.Name, moved.Spec.Size));
    }

    [Fact]
    public void A_dyno_that_is_being_deleted_is_waited_for()
    {
        var app = Sample.App("shop", ("web", 1));
        var dyno = Sample.UpDyno(app, "web", 1);
        dyno.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime;

        var plan = Plan(Observed(app, [dyno]));

        Assert.Empty(plan.Dynos);
        Assert.Empty(plan.Children.Deleted<Dyno>());
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
