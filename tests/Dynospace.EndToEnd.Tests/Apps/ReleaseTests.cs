using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Apps;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Apps;

/// <summary>A change of image, config, command or secret is a release, and releases go out.</summary>
public sealed class ReleaseTests(Platform platform)
{
    [Fact]
    public async Task Another_image_is_a_new_release()
    {
        Assert.SkipWhen(platform.Workloads.RunsToo is null, "DYNOSPACE_TEST_IMAGE_TOO names no second image.");
        await using var space = await StartAsync();

        await space.RunAsync("shop", platform.Workloads.RunsToo!, ("worker", 2));

        await AssertReleasedAsync(space, pod => Assert.Equal(platform.Workloads.RunsToo!.Image, (string)pod["image"]!));
    }

    [Fact]
    public async Task Another_config_var_is_a_new_release()
    {
        await using var space = await StartAsync();

        await space.PatchAppAsync("shop", new JsonObject { ["config"] = new JsonObject { ["LOG_LEVEL"] = "debug" } });

        await AssertReleasedAsync(
            space,
            pod => Assert.Contains(
                pod["env"]!.AsArray(),
                variable => (string)variable!["name"]! == "LOG_LEVEL" && (string)variable["value"]! == "debug"));
    }

    [Fact]
    public async Task Another_command_is_a_new_release()
    {
        await using var space = await StartAsync();
        var program = platform.Workloads.Runs;
        var other = program with { Command = [.. program.Command, "again"] };

        await space.RunAsync("shop", other, ("worker", 2));

        await AssertReleasedAsync(space, pod => Assert.Equal("again", (string)pod["command"]!.AsArray()[^1]!));
    }

    [Fact]
    public async Task Another_value_of_a_secret_is_a_new_release()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.SetSecretAsync("shop-secrets", "TOKEN", "first");
        await space.CreateAppAsync(
            "shop", app => app.ConfigFrom = [new() { SecretRef = new() { Name = "shop-secrets" } }], ("worker", 2));
        await space.AppReadyAsync("shop");

        await space.SetSecretAsync("shop-secrets", "TOKEN", "second");

        await AssertReleasedAsync(
            space,
            pod => Assert.Equal("shop-r2", (string)Assert.Single(pod["envFrom"]!.AsArray())!["secretRef"]!["name"]!));
    }

    [Fact]
    public async Task An_orphaning_deletion_of_an_app_ends()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync(
            "shop",
            app => app.Config = new Dictionary<string, string> { ["b"] = "a<b && c>d", ["A"] = "Gr\u00fc\u00dfe" },
            ("worker", 1));
        await space.AppReadyAsync("shop");

        (await platform.Api.SendAsync(
            HttpMethod.Delete,
            $"/apis/dynospace.dev/v1alpha1/namespaces/{space.In("shop").Namespace}/apps/shop?propagationPolicy=Orphan",
            null,
            "application/json",
            "application/json",
            TestContext.Current.CancellationToken)).Require();

        await space.GoneAsync(Kinds.App, space.In("shop"));
    }

    [Fact]
    public async Task A_release_goes_out_a_quarter_at_a_time()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 8));
        await space.AppReadyAsync("shop");

        await space.PatchAppAsync("shop", new JsonObject { ["config"] = new JsonObject { ["LOG_LEVEL"] = "debug" } });
        await ReleasedAsync(space, 2);

        var history = platform.View.HistoryOf(space.Name);
        Assert.InRange(MostAtOnce(history), 1, 2);
        Assert.InRange(FewestServing(history, 8), 6, 8);
    }

    [Fact]
    public async Task A_release_that_cannot_start_stops_at_a_quarter_and_heals_with_the_next()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 4));
        await space.AppReadyAsync("shop");

        await space.RunAsync("shop", platform.Workloads.Missing, ("worker", 4));
        await space.UntilAsync(
            "one dyno cannot pull",
            state => state.Of(Kinds.Dyno, space.Name)
                .SingleOrDefault(dyno => dyno.Condition(ConditionTypes.Up)?.Reason == Reasons.ImagePullFailed));
        await space.ConditionAsync(Kinds.App, space.In("shop"), ConditionTypes.Ready, "False", Reasons.RollingOut);
        Assert.Equal(3, space.Pods("shop").Count(pod => pod.Label(Labels.Release) == "1"));

        await space.ScaleAsync("shop", ("worker", 4));
        await ReleasedAsync(space, 3);
    }

    [Fact]
    public async Task A_release_phase_that_succeeds_lets_the_release_go_out()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.CreateAppAsync(
            "shop", app => app.Release = new() { Command = [.. platform.Workloads.Exits(0).Command] }, ("worker", 1));
        await ReleasedAsync(space, 1);

        var history = platform.View.HistoryOf(space.Name);
        var phase =
            history.First(change => change.Object.Name == "shop.release.1"
                && (string?)change.Object.Content["status"]?["state"] == "Complete").Object;
        var firstWorker =
            history.First(change => change.Object.Kind == Kinds.Pod
                && change.Object.Label(Labels.ProcessType) == "worker").Object;
        Assert.True(phase.Version < firstWorker.Version, "The formation started before the release phase ended.");
        Assert.Equal(0, (int?)phase.Content["status"]!["exitCode"]);
    }

    [Fact]
    public async Task A_release_phase_that_fails_keeps_the_previous_release_and_heals_with_the_next()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 2));
        await space.AppReadyAsync("shop");
        var before = space.Pods("shop").Select(pod => pod.Uid).Order(StringComparer.Ordinal).ToList();
        var failing = platform.Workloads.Exits(7);

        await space.PatchAppAsync("shop", new JsonObject
        {
            ["image"] = failing.Image,
            ["release"] = new JsonObject
            {
                ["command"] = new JsonArray([.. failing.Command.Select(word => JsonValue.Create(word))]),
            },
        });

        var released =
            await space.ConditionAsync(
                Kinds.App, space.In("shop"), ConditionTypes.Released, "False", Reasons.ReleasePhaseFailed);
        Assert.Contains("shop.release.2", released.Message, StringComparison.Ordinal);
        Assert.Contains("exit code 7", released.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"dynospace logs --space {space.Name} -a shop -s release", released.Message, StringComparison.Ordinal);
        if (platform.Traits.IsSimulated)
        {
            Assert.Contains("Its last lines: the node is simulated", released.Message, StringComparison.Ordinal);
        }

        await space.EventAsync(Kinds.App, space.In("shop"), Reasons.ReleasePhaseFailed);
        Assert.Equal(
            before,
            space.Pods("shop")
                .Where(pod => pod.Label(Labels.ProcessType) == "worker")
                .Select(pod => pod.Uid)
                .Order(StringComparer.Ordinal));
        Assert.Equal(1, space.Now(Kinds.App, "shop").As<App>().Status!.Release);

        await space.PatchAppAsync(
            "shop",
            new JsonObject
            {
                ["image"] = platform.Workloads.Runs.Image,
                ["release"] = null,
                ["config"] = new JsonObject { ["FIXED"] = "yes" },
            });
        await ReleasedAsync(space, 3);
    }

    private async Task<TestSpace> StartAsync()
    {
        var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 2));
        await space.AppReadyAsync("shop");
        return space;
    }

    private static Task<SeenObject> ReleasedAsync(TestSpace space, long release) => space.UntilAsync(
        $"release {release} is out",
        state => state.Find(Kinds.App, space.In("shop")) is { } app
            && app.Has(ConditionTypes.Ready)
            && (long?)app.Content["status"]!["release"] == release
                && state.PodsOf(space.Name, "shop")
                    .Where(pod => pod.Label(Labels.ProcessType) == "worker")
                    .All(pod => pod.Label(Labels.Release) == $"{release}") ? app : null);

    private static async Task AssertReleasedAsync(TestSpace space, Action<JsonNode> assertContainer)
    {
        await ReleasedAsync(space, 2);
        Assert.Equal(2, space.Pods("shop").Count);
        Assert.All(space.Pods("shop"), pod => assertContainer(pod.Content["spec"]!["containers"]![0]!));
        Assert.Equal(["shop-r1", "shop-r2"], space.Now(Kinds.Revision).Select(revision => revision.Name));
    }

    /// <summary>The most dynos that had to run the second release and did not do so yet.</summary>
    private static int MostAtOnce(IEnumerable<SeenChange> history)
    {
        var moving = new HashSet<string>();
        var most = 0;
        foreach (var dyno in history.Where(change => change.Object.Kind == Kinds.Dyno).Select(change => change.Object))
        {
            var isThere = dyno.Has(ConditionTypes.Up) && (long?)dyno.Content["status"]!["release"] == 2;
            _ = (long?)dyno.Content["spec"]!["release"] == 2 && !isThere
                ? moving.Add(dyno.Name)
                : moving.Remove(dyno.Name);
            most = Math.Max(most, moving.Count);
        }

        return most;
    }

    /// <summary>The fewest pods that served since so many first did.</summary>
    private static int FewestServing(IEnumerable<SeenChange> history, int quantity)
    {
        var serving = new HashSet<string>();
        var fewest = int.MaxValue;
        foreach (var change in history.Where(change => change.Object.Kind == Kinds.Pod))
        {
            var serves = change.Type != ChangeType.Deleted
                && !change.Object.IsTerminating
                && change.Object.Condition("Ready")?.Status == "True";
            _ = serves ? serving.Add(change.Object.Uid) : serving.Remove(change.Object.Uid);
            fewest = serving.Count == quantity || fewest != int.MaxValue ? Math.Min(fewest, serving.Count) : fewest;
        }

        return fewest;
    }
}
