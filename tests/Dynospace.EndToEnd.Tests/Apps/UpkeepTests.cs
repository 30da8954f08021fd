using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>What keeps an app as it is while nodes are drained, labels are changed and objects are held.</summary>
public sealed class UpkeepTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disruption_budget_follows_the_quantity_of_its_process_type()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 3)]);
        await space.AppReadyAsync("shop");
        Assert.Equal((1, 2), (await MinimumAsync(space, "web"), await MinimumAsync(space, "worker")));

        await space.ScaleAsync("shop", ("web", 1), ("worker", 0));
        await space.GoneAsync(Kinds.Dyno, space.In("shop.worker.1"));

        Assert.False((await platform.Api.GetAsync(Kinds.Budget, space.In("shop--worker"), Token)).IsSuccess);
    }

    [Fact]
    public async Task One_of_two_dynos_may_be_evicted_and_a_lone_one_may_not()
    {
        Assert.SkipUnless(
            platform.Traits.CountsDisruptions, $"{platform.Traits.Name} has nothing that counts disruption budgets.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 2)]);
        await space.AppReadyAsync("shop");
        await BudgetAsync(space, "web", healthy: 1, desired: 1, allowed: 0);
        await BudgetAsync(space, "worker", healthy: 2, desired: 1, allowed: 1);
        var web = space.Pods("shop").Single(pod => pod.Label(Labels.ProcessType) == "web");
        var worker = space.Pods("shop").First(pod => pod.Label(Labels.ProcessType) == "worker");

        var refused = await platform.Api.EvictAsync(web, Token);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Code);
        Assert.Contains(
            "shop--web needs 1 healthy pods and has 1 currently",
            refused.Body["details"]!.ToJsonString(),
            StringComparison.Ordinal);
        (await platform.Api.EvictAsync(worker, Token)).Require();

        // Another takes the place of the one that was evicted, and the budget lets the next one go.
        await space.UntilAsync(
            "the pod is gone", state => state.Find(Kinds.Pod, worker.Key)?.Uid == worker.Uid ? null : state);
        await BudgetAsync(space, "worker", healthy: 2, desired: 1, allowed: 1);
        await space.AppReadyAsync("shop");
        Assert.Contains(web.Uid, space.Pods("shop").Select(pod => pod.Uid));
    }

    [Fact]
    public async Task Changed_labels_of_a_pod_are_put_back_with_an_event()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");
        var pod = Assert.Single(space.Pods("shop"));

        (await platform.Api.PatchAsync(
            Kinds.Pod,
            space.In(pod.Name),
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["labels"] = new JsonObject { [Labels.ProcessType] = null, [Labels.Space] = "rival" },
                },
            },
            null,
            Token)).Require();

        await space.EventAsync(Kinds.Dyno, space.In("shop.web.1"), Reasons.Restored);
        await space.UntilAsync(
            "the labels are back",
            state => state.Find(Kinds.Pod, space.In(pod.Name)) is { } found
                && found.Label(Labels.ProcessType) == "web"
                && found.Label(Labels.Space) == space.Name ? found : null);
        await space.AppReadyAsync("shop");
        Assert.Equal(pod.Uid, Assert.Single(space.Pods("shop")).Uid);
    }

    [Fact]
    public async Task A_service_opened_by_hand_is_closed_again()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");

        await space.PatchAsync(Kinds.Service, space.In("shop"), new JsonObject
        {
            ["spec"] = new JsonObject { ["type"] = "NodePort", ["externalIPs"] = new JsonArray("203.0.113.9") },
        });

        await space.UntilAsync(
            "the Service is closed",
            state => state.Find(Kinds.Service, space.In("shop"))!.Content["spec"] is { } spec
                && (string?)spec["type"] == "ClusterIP"
                && spec["externalIPs"] is null or JsonArray { Count: 0 } ? spec : null);
    }

    /// <summary>
    /// The second time comes during the pause that keeps the operator from a race with another program, and no change
    /// follows that would wake the operator.
    /// </summary>
    [Fact]
    public async Task A_field_that_another_user_adds_to_a_service_is_removed_also_when_it_comes_back_at_once()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");

        for (var i = 0; i < 2; i++)
        {
            await space.PatchAsync(Kinds.Service, space.In("shop"), new JsonObject
            {
                ["spec"] = new JsonObject { ["sessionAffinity"] = "ClientIP", ["internalTrafficPolicy"] = "Local" },
            });
            await space.UntilAsync(
                $"the fields are as before, time {i + 1}",
                state => state.Find(Kinds.Service, space.In("shop"))!.Content["spec"] is { } spec
                    && (string?)spec["sessionAffinity"] == "None"
                    && (string?)spec["internalTrafficPolicy"] == "Cluster" ? spec : null);
        }
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("shop--web")]
    public async Task The_empty_list_of_external_addresses_is_written_once(string service)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");
        var before = await space.ThereAsync(Kinds.Service, space.In(service));

        // Reconciles the App, and with it all of its Services, after whatever was queued before.
        await space.ScaleAsync("shop", ("web", 2));
        await space.AppReadyAsync("shop");

        Assert.Equal(
            before.Version,
            new SeenObject(
                Kinds.Service,
                (await platform.Api.GetAsync(Kinds.Service, space.In(service), Token)).Require()).Version);
    }

    [Fact]
    public async Task An_app_and_its_secret_that_change_together_are_one_release_whichever_comes_first()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.SetSecretAsync("shop-secrets", "KEY", "1");
        await space.CreateAppAsync(
            "shop",
            spec => spec.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }],
            ("worker", 1));
        await space.AppReadyAsync("shop");

        await space.PatchAppAsync("shop", new JsonObject { ["config"] = new JsonObject { ["COLOUR"] = "blue" } });
        await space.SetSecretAsync("shop-secrets", "KEY", "2");

        var app = await space.UntilAsync(
            "the second release is out",
            state => state.Find(Kinds.App, space.In("shop")) is { } found
                && found.Has(ConditionTypes.Ready)
                && (long?)found.Content["status"]!["release"] == 2 ? found : null);
        Assert.Equal(["shop-r1", "shop-r2"], space.Now(Kinds.Revision).Select(revision => revision.Name));
        Assert.Equal(2, (long?)app.Content["status"]!["release"]);
    }

    [Fact]
    public async Task A_finalizer_keeps_an_app_and_neither_its_dynos_nor_its_hosts()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");
        await SetFinalizersAsync(space, "tenant.example/hold");

        await space.DeleteAsync(Kinds.App, space.In("shop"));

        await space.GoneAsync(Kinds.Dyno, space.In("shop.web.1"));
        await space.UntilAsync(
            "it names the finalizer and has no host",
            state => state.Find(Kinds.App, space.In("shop")) is { } app
                && app.Condition(ConditionTypes.Ready)?.Message.Contains(
                    "tenant.example/hold", StringComparison.Ordinal) == true
                && app.Content["status"]!["hosts"] is null ? app : null);
        await SetFinalizersAsync(space);
        await space.GoneAsync(Kinds.App, space.In("shop"));
    }

    /// <summary>What the controller of budgets counts.</summary>
    private static Task<SeenObject> BudgetAsync(
        TestSpace space, string type, int healthy, int desired, int allowed) => space.UntilAsync(
        $"the budget of {type} lets {allowed} go",
        state => state.Find(Kinds.Budget, space.In($"shop--{type}")) is { } budget
            && budget.Content["status"] is { } status
            && (long?)status["observedGeneration"] == budget.Generation
            && (int?)status["currentHealthy"] == healthy
            && (int?)status["desiredHealthy"] == desired
            && (int?)status["disruptionsAllowed"] == allowed ? budget : null);

    private async Task SetFinalizersAsync(TestSpace space, params string[] finalizers) =>
        (await platform.Api.PatchAsync(
            Kinds.App,
            space.In("shop"),
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["finalizers"] = new JsonArray([.. finalizers.Select(name => JsonValue.Create(name))]),
                },
            },
            null,
            Token)).Require();

    private async Task<int> MinimumAsync(TestSpace space, string type) =>
        (int)(await platform.Api.GetAsync(
            Kinds.Budget, space.In($"shop--{type}"), Token)).Require()["spec"]!["minAvailable"]!;
}
