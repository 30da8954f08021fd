using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>
/// What only shows later is a condition with a reason and an event, stops nothing else, and heals when the cause goes.
/// </summary>
public sealed class AppProblemTests(Platform platform)
{
    [Fact]
    public async Task An_app_whose_space_has_not_taken_its_namespace_is_not_a_failure()
    {
        await using var space = platform.NewSpace();
        await space.CreateNamespaceAsync(adopt: null);
        await space.CreateAsync(SpaceRuntime.Common);
        await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.NamespaceReady, "False", Reasons.NamespaceNotAdopted);

        await space.CreateAppAsync("shop", formation: ("web", 1));

        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.SpaceNotReady);
        var app = space.Now(Kinds.App, "shop");
        Assert.True(app.Has(ConditionTypes.Reconciling));
        Assert.Null(app.Condition(ConditionTypes.Stalled));
        Assert.Empty(space.Now(Kinds.Dyno));

        await space.PatchAsync(
            Kinds.Namespace,
            space.Key,
            new()
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotations.Adopt] = space.Name } },
            });
        await space.AppReadyAsync("shop");
    }

    [Fact]
    public async Task An_app_in_a_namespace_without_a_space_waits_for_one()
    {
        await using var space = platform.NewSpace();
        await space.CreateNamespaceAsync(adopt: space.Name);

        await space.CreateAppAsync("shop", formation: ("web", 1));

        var accepted =
            await space.ConditionAsync(
                Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.SpaceNotFound);
        Assert.Contains($"create a Space named {space.Name}", accepted.Message, StringComparison.Ordinal);
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Stalled, "True", Reasons.SpaceNotFound);
        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.SpaceNotFound);
        Assert.Empty(space.Now(Kinds.Dyno));

        await space.CreateAsync(SpaceRuntime.Common);
        var app = await space.AppReadyAsync("shop");
        Assert.Null(app.Condition(ConditionTypes.Stalled));
    }

    [Fact]
    public async Task An_unknown_secret_is_reported_and_the_app_heals_when_it_appears()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync(
            "shop", app => app.ConfigFrom = [new() { SecretRef = new() { Name = "later" } }], ("web", 1));
        await space.CreateAppAsync("bystander", formation: ("web", 1));

        var accepted =
            await space.ConditionAsync(
                Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.SecretNotFound);
        Assert.Contains("spec.configFrom names later", accepted.Message, StringComparison.Ordinal);
        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.SecretNotFound);
        await space.AppReadyAsync("bystander");
        Assert.Empty(space.Pods("shop"));

        await space.SetSecretAsync("later", "TOKEN", "here");
        await space.AppReadyAsync("shop");
    }

    [Fact]
    public async Task A_secret_that_goes_away_stops_nothing_that_runs()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.SetSecretAsync("shop-secrets", "TOKEN", "here");
        await space.CreateAppAsync(
            "shop", app => app.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }], ("web", 2));
        await space.AppReadyAsync("shop");
        var before = space.Pods("shop").Select(pod => pod.Uid).Order(StringComparer.Ordinal).ToList();

        await space.DeleteAsync(Kinds.Secret, space.In("shop-secrets"));
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.SecretNotFound);
        Assert.Equal(before, space.Pods("shop").Select(pod => pod.Uid).Order(StringComparer.Ordinal));

        await space.SetSecretAsync("shop-secrets", "TOKEN", "here");
        await space.AppReadyAsync("shop");
        Assert.Equal(before, space.Pods("shop").Select(pod => pod.Uid).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_service_of_another_owner_is_left_untouched_and_the_app_heals_when_it_goes()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var foreign = (await platform.Api.CreateAsync(
            new V1Service
            {
                ApiVersion = "v1",
                Kind = "Service",
                Metadata = new() { Name = "shop", NamespaceProperty = space.Name },
                Spec = new()
                {
                    Selector = new Dictionary<string, string> { ["mine"] = "yes" },
                    Ports = [new() { Port = 8080 }],
                },
            },
            TestContext.Current.CancellationToken)).Require();

        await space.CreateAppAsync("shop", formation: ("web", 1));

        var ready =
            await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.NameTaken);
        Assert.Contains("shop", ready.Message, StringComparison.Ordinal);
        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.NameTaken);
        var untouched = space.Now(Kinds.Service, "shop");
        Assert.Equal((string)foreign["metadata"]!["uid"]!, untouched.Uid);
        Assert.Equal((string)foreign["metadata"]!["resourceVersion"]!, (string)untouched.Metadata["resourceVersion"]!);
        Assert.True(JsonNode.DeepEquals(foreign["spec"], untouched.Content["spec"]));

        await space.DeleteAsync(Kinds.Service, space.In("shop"));
        await space.AppReadyAsync("shop");
        Assert.Equal("shop", space.Now(Kinds.Service, "shop").Label(Labels.App));
    }

    [Fact]
    public async Task Deleting_an_app_leaves_the_service_of_another_owner()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        (await platform.Api.CreateAsync(
            new V1Service
            {
                ApiVersion = "v1",
                Kind = "Service",
                Metadata = new()
                {
                    Name = "shop",
                    NamespaceProperty = space.Name,
                    Labels = new Dictionary<string, string> { [Labels.App] = "shop" },
                },
                Spec = new() { Ports = [new() { Port = 8080 }] },
            },
            TestContext.Current.CancellationToken)).Require();
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.NameTaken);

        await space.RunAsync("shop", platform.Workloads.Runs, ("worker", 1));
        await space.AppReadyAsync("shop");
        await space.DeleteAsync(Kinds.App, space.In("shop"));
        await space.GoneAsync(Kinds.App, space.In("shop"));

        Assert.NotNull(space.Now(Kinds.Service, "shop"));
    }

    [Fact]
    public async Task Internal_routing_in_a_common_space_is_reported_and_routes_nothing()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync("shop", app => app.InternalRouting = true, ("web", 1));

        await space.ConditionAsync(
            Kinds.App, space.In("shop"), ConditionTypes.Accepted, "False", Reasons.InternalRoutingUnsupported);
        await space.UntilAsync(
            "the dyno is up",
            state => state.Find(Kinds.Dyno, space.In("shop.web.1")) is { } dyno && dyno.Has(ConditionTypes.Up)
                ? dyno
                : null);
        Assert.Equal(RoutingValues.None, Assert.Single(space.Pods("shop")).Label(Labels.Routing));
    }

    [Fact]
    public async Task A_dyno_made_by_hand_under_a_name_of_the_formation_is_reported_and_left_alone()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        (await platform.Api.CreateAsync(
            new Dyno
            {
                Metadata = new() { Name = "shop.worker.1", NamespaceProperty = space.Name },
                Spec = new() { App = "shop", ProcessType = "worker", Index = 1 },
            },
            TestContext.Current.CancellationToken)).Require();
        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.AppNotFound);
        var uid = space.Now(Kinds.Dyno, "shop.worker.1").Uid;

        await space.CreateAppAsync("shop", formation: ("worker", 2));

        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.NameTaken);
        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.worker.1"), ConditionTypes.Up, "False", Reasons.NotOneOff);
        await space.UntilAsync(
            "the other dyno is up",
            state => state.Find(Kinds.Dyno, space.In("shop.worker.2")) is { } dyno && dyno.Has(ConditionTypes.Up)
                ? dyno
                : null);
        Assert.Equal(uid, space.Now(Kinds.Dyno, "shop.worker.1").Uid);

        await space.DeleteAsync(Kinds.Dyno, space.In("shop.worker.1"));
        await space.AppReadyAsync("shop");
    }
}
