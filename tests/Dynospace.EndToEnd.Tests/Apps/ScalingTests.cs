using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>Formations grow and shrink.</summary>
public sealed class ScalingTests(Platform platform)
{
    [Fact]
    public async Task A_larger_quantity_adds_dynos_and_leaves_the_others_alone()
    {
        await using var space = platform.NewSpace();
        await StartAsync(space, 1);
        var first = Assert.Single(space.Pods("shop"));

        await space.ScaleAsync("shop", ("worker", 3));
        await space.AppReadyAsync("shop");

        Assert.Equal(
            ["shop.worker.1", "shop.worker.2", "shop.worker.3"], space.Now(Kinds.Dyno).Select(dyno => dyno.Name));
        Assert.Contains(space.Pods("shop"), pod => pod.Uid == first.Uid);
        Assert.Equal(1, (long?)space.Now(Kinds.App, "shop").Content["status"]!["release"]);
        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.DynoCreated);
    }

    [Fact]
    public async Task A_smaller_quantity_takes_the_highest_numbers_away_one_after_the_other()
    {
        await using var space = platform.NewSpace();
        await StartAsync(space, 5);

        await space.ScaleAsync("shop", ("worker", 2));
        await space.AppReadyAsync("shop");
        await space.GoneAsync(Kinds.Dyno, space.In("shop.worker.3"));

        var removed = platform.View.HistoryOf(space.Name)
            .Where(change => change.Type == ChangeType.Deleted && change.Object.Kind == Kinds.Dyno)
            .Select(change => change.Object.Name);
        Assert.Equal(["shop.worker.5", "shop.worker.4", "shop.worker.3"], removed);
        var reported = await space.EventAsync(Kinds.App, space.In("shop"), Reasons.DynoDeleted);
        Assert.Equal("Deleted shop.worker.5, shop.worker.4, shop.worker.3.", (string?)reported.Content["message"]);
        if (platform.Traits.CollectsGarbage)
        {
            await space.UntilAsync(
                "two pods are left", state => state.Of(Kinds.Pod, space.Name).Count() == 2 ? state : null);
        }
    }

    [Fact]
    public async Task Zero_is_a_formation_too()
    {
        await using var space = platform.NewSpace();
        await StartAsync(space, 2);

        await space.ScaleAsync("shop", ("worker", 0));

        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Available, "True", Reasons.ScaledToZero);
        await space.UntilAsync("no dyno is left", state => state.Of(Kinds.Dyno, space.Name).Any() ? null : state);
        await space.ScaleAsync("shop", ("worker", 1));
        await space.AppReadyAsync("shop");
        Assert.Equal("shop.worker.1", Assert.Single(space.Now(Kinds.Dyno)).Name);
    }

    [Fact]
    public async Task The_scale_subresource_sets_the_number_of_web_dynos()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 1)]);
        await space.AppReadyAsync("shop");

        await ScaleAsync(space, 3);
        var app = await space.AppReadyAsync("shop");

        Assert.Equal(
            ["shop.web.1", "shop.web.2", "shop.web.3", "shop.worker.1"],
            space.Now(Kinds.Dyno).Select(dyno => dyno.Name));
        Assert.Equal(3, (int?)app.Content["spec"]!["replicas"]);
        var scale = (await platform.Api.SendAsync(
            HttpMethod.Get,
            Kinds.App.ObjectPath(space.In("shop"), "scale"),
            null,
            ApiClient.Json,
            ApiClient.Json,
            TestContext.Current.CancellationToken)).Require();
        Assert.Equal((3, 3), ((int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!));
        var selector = ((string)scale["status"]!["selector"]!).Split(',').Select(pair => pair.Split('=')).ToList();
        Assert.Equal(3, space.Pods("shop").Count(pod => selector.All(label => pod.Label(label[0]) == label[1])));

        await ScaleAsync(space, 1);
        await space.AppReadyAsync("shop");
        await space.GoneAsync(Kinds.Dyno, space.In("shop.web.2"));
        Assert.Equal(["shop.web.1", "shop.worker.1"], space.Now(Kinds.Dyno).Select(dyno => dyno.Name));
    }

    [Fact]
    public async Task An_app_that_nobody_scaled_has_a_scale_that_follows_its_quantity()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 2), ("worker", 1)]);
        await ReplicasAsync(space, 2);
        Assert.Equal(2, await ScaleOfAsync(space));

        await space.ScaleAsync("shop", ("web", 3), ("worker", 1));
        await ReplicasAsync(space, 3);
        var app = await space.AppReadyAsync("shop");

        Assert.Equal(1, (long?)app.Content["status"]!["release"]);
        Assert.Equal(
            ["shop.web.1", "shop.web.2", "shop.web.3", "shop.worker.1"],
            space.Now(Kinds.Dyno).Select(dyno => dyno.Name));

        // Beside the repeated number, quantities move across the total of a hundred, and web goes.
        await space.ScaleAsync("shop", ("web", 0), ("worker", 1));
        await ReplicasAsync(space, 0);
        await space.ScaleAsync("shop", ("web", 1), ("worker", 0));
        await ReplicasAsync(space, 1);
        await space.ScaleAsync("shop", ("worker", 1));
        await ReplicasAsync(space, null);
        await space.GoneAsync(Kinds.Dyno, space.In("shop.web.1"));
    }

    [Fact]
    public async Task Who_scales_decides_until_the_field_is_removed_and_a_quantity_without_effect_is_said()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await ReplicasAsync(space, 1);

        await ScaleAsync(space, 1); // the same number takes nothing over
        await space.ScaleAsync("shop", ("web", 2));
        await ReplicasAsync(space, 2);

        await ScaleAsync(space, 3);
        await space.ScaleAsync("shop", ("web", 1));
        await space.UntilAsync(
            "the quantity without effect is said",
            state => state.Find(Kinds.App, space.In("shop"))!.Condition(ConditionTypes.Accepted) is { } accepted
                && accepted.Message.Contains("spec.replicas 3", StringComparison.Ordinal)
                && accepted.Message.Contains("quantity 1", StringComparison.Ordinal) ? accepted : null);
        await space.AppReadyAsync("shop");
        Assert.Equal(3, space.Now(Kinds.Dyno).Count);

        await space.PatchAppAsync("shop", new JsonObject { ["replicas"] = null });
        await ReplicasAsync(space, 1);
        await space.GoneAsync(Kinds.Dyno, space.In("shop.web.2"));
    }

    [Fact]
    public async Task An_autoscaler_takes_over_an_app_that_nobody_scaled()
    {
        Assert.SkipUnless(platform.Traits.Autoscales, $"{platform.Traits.Name} runs no HorizontalPodAutoscalers.");
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await ReplicasAsync(space, 1);

        // Without metrics an autoscaler still keeps to its bounds.
        (await platform.Api.CreateAsync(
            new V2HorizontalPodAutoscaler
            {
                ApiVersion = "autoscaling/v2",
                Kind = "HorizontalPodAutoscaler",
                Metadata = new() { Name = "shop", NamespaceProperty = space.Name },
                Spec = new()
                {
                    ScaleTargetRef = new() { ApiVersion = "dynospace.dev/v1alpha1", Kind = "App", Name = "shop" },
                    MinReplicas = 2,
                    MaxReplicas = 6,
                },
            },
            TestContext.Current.CancellationToken)).Require();

        await ReplicasAsync(space, 2);
        await space.ScaleAsync("shop", ("web", 4));
        await space.UntilAsync(
            "the autoscaler decides",
            state => state.Find(Kinds.App, space.In("shop"))!.Condition(ConditionTypes.Accepted) is { } accepted
                && accepted.Message.Contains("set by kube-controller-manager", StringComparison.Ordinal)
                    ? accepted
                    : null);
        await space.AppReadyAsync("shop");
        Assert.Equal(2, space.Now(Kinds.Dyno).Count);
    }

    [Fact]
    public async Task A_process_type_that_is_taken_out_goes_with_its_service()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: [("web", 1), ("worker", 2)]);
        await space.AppReadyAsync("shop");

        await space.ScaleAsync("shop", ("web", 1));
        await space.AppReadyAsync("shop");

        await space.UntilAsync(
            "the workers are gone",
            state => state.Of(Kinds.Dyno, space.Name).Count() == 1 && state.Of(Kinds.Service, space.Name).Count() == 2
                ? state
                : null);
        Assert.Equal(["shop", "shop--web"], space.Now(Kinds.Service).Select(service => service.Name));
    }

    private static async Task StartAsync(TestSpace space, int quantity)
    {
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", quantity));
        await space.AppReadyAsync("shop");
    }

    private static Task<SeenObject> ReplicasAsync(TestSpace space, int? replicas) => space.UntilAsync(
        $"replicas are {replicas}",
        state => state.Find(Kinds.App, space.In("shop")) is { } app
            && (int?)app.Content["spec"]!["replicas"] == replicas
            && (replicas is null || (string?)app.Content["status"]!["formation"] is { } formation
                && formation.Contains($"web={replicas}", StringComparison.Ordinal)) ? app : null);

    private async Task<int> ScaleOfAsync(TestSpace space) => (int)(await platform.Api.SendAsync(
        HttpMethod.Get,
        Kinds.App.ObjectPath(space.In("shop"), "scale"),
        null,
        ApiClient.Json,
        ApiClient.Json,
        TestContext.Current.CancellationToken)).Require()["spec"]!["replicas"]!;

    private async Task ScaleAsync(TestSpace space, int replicas)
    {
        (await platform.Api.PatchAsync(
            Kinds.App,
            space.In("shop"),
            new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } },
            "scale",
            TestContext.Current.CancellationToken)).Require();
        await space.UntilAsync(
            "the scale is seen",
            state => (int?)state.Find(Kinds.App, space.In("shop"))!.Content["spec"]!["replicas"] == replicas
                ? state
                : null);
    }
}
