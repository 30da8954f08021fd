using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Enforcement;

/// <summary>Whether the network enforces is tried, reported, and a condition of every start.</summary>
public sealed class EnforcementTests(EnforcementPlatform platform) : IClassFixture<EnforcementPlatform>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_that_enforces_is_reported_and_the_canaries_go()
    {
        await using var space = platform.NewSpace();
        await space.CreateAsync(SpaceRuntime.Private);

        await VerifiedAsync(space, "True", Reasons.Enforced);

        await space.EventAsync(Kinds.Space, space.Key, Reasons.Enforced);
        await NoCanaryAsync(space);

        // A trial starts over when what it tries changes meanwhile; the one that was reported ended with its probe.
        Assert.Equal(
            [CanaryRoles.Target, CanaryRoles.Probe],
            Canaries(space).Select(pod => pod.Label(Labels.Canary)!).TakeLast(2));
        Assert.All(Canaries(space), pod => Assert.Null(pod.Label(Labels.Dyno)));
        Assert.Equal(TrialResult.Enforced, TrialOf(space).Result);
    }

    [Fact]
    public async Task On_a_network_that_enforces_nothing_the_space_says_so_and_starts_no_dyno_until_it_does()
    {
        await using var space = platform.NewSpace();
        platform.SetNetwork(space.Name, EnforcementPlatform.LetsThrough);
        await space.CreateAsync(SpaceRuntime.Common);

        var verified = await VerifiedAsync(space, "False", Reasons.NotEnforced);
        Assert.Contains(
            "lets connections enter and leave pods that the policies forbid",
            verified.Message,
            StringComparison.Ordinal);
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Stalled, "True", Reasons.NotEnforced);
        var reported = await space.EventAsync(Kinds.Space, space.Key, Reasons.NotEnforced);
        Assert.Equal("Warning", (string?)reported.Content["type"]);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        var waits =
            await space.ConditionAsync(
                Kinds.Dyno, space.In("shop.web.1"), ConditionTypes.Up, "False", Reasons.SpaceNotReady);
        Assert.Contains(ConditionTypes.IsolationVerified, waits.Message, StringComparison.Ordinal);
        Assert.Empty(space.Pods("shop"));

        platform.SetNetwork(space.Name, EnforcementPlatform.Enforces);
        await AskAsync(space);

        await space.AppReadyAsync("shop");
    }

    [Fact]
    public async Task Dynos_that_run_go_on_when_a_later_trial_fails_and_none_is_started()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        var running = Assert.Single(space.Pods("shop"));

        platform.SetNetwork(space.Name, EnforcementPlatform.LetsThrough);
        await AskAsync(space);
        await VerifiedAsync(space, "False", Reasons.NotEnforced);
        await space.ScaleAsync("shop", ("web", 2));
        await space.ConditionAsync(
            Kinds.Dyno, space.In("shop.web.2"), ConditionTypes.Up, "False", Reasons.SpaceNotReady);

        Assert.Equal(running.Uid, Assert.Single(space.Pods("shop")).Uid);
    }

    [Fact]
    public async Task A_policy_changed_by_hand_and_put_back_is_tried_at_once()
    {
        await using var space = await TriedAsync();

        await space.PatchAsync(
            Kinds.Policy,
            space.In("default-deny"),
            new JsonObject { ["spec"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject()) } });

        await TrialsAsync(space, 2);
    }

    [Fact]
    public async Task Another_agent_of_the_network_is_tried_at_once()
    {
        await using var space = await TriedAsync();
        var labels = new Dictionary<string, string> { ["app"] = space.Name };

        (await platform.Api.CreateAsync(
            new V1DaemonSet
            {
                ApiVersion = "apps/v1",
                Kind = "DaemonSet",
                Metadata = new() { Name = space.Name, NamespaceProperty = "kube-system" },
                Spec = new()
                {
                    Selector = new() { MatchLabels = labels },
                    Template = new()
                    {
                        Metadata = new() { Labels = labels },
                        Spec = new()
                        {
                            HostNetwork = true,
                            Containers = [new() { Name = "agent", Image = "registry.example/cni:1" }],
                        },
                    },
                },
            },
            Token)).Require();

        await TrialsAsync(space, 2);
    }

    [Fact]
    public async Task A_pod_that_imitates_a_canary_is_left_alone_and_tells_nothing()
    {
        await using var space = platform.NewSpace();
        platform.SetNetwork(space.Name, null);
        await space.CreateAsync(SpaceRuntime.Common);
        await CanaryAsync(space, CanaryRoles.Probe);
        var probe = Canaries(space).Last(pod => pod.Label(Labels.Canary) == CanaryRoles.Probe).Content.DeepClone()
            .AsObject();
        var labels = probe["metadata"]!["labels"]!.DeepClone().AsObject();
        labels.Remove(Labels.OwnerUid);
        probe["spec"]!.AsObject().Remove("nodeName");
        probe["metadata"] = new JsonObject
        {
            ["name"] = "canary-probe-false",
            ["namespace"] = space.Name,
            ["labels"] = labels,
        };
        probe.Remove("status");
        platform.SetNetwork(space.Name, EnforcementPlatform.LetsThrough);

        (await platform.Api.CreateAsync(Kinds.Pod, probe, "", Token)).Require();

        await space.UntilAsync(
            "the imitation has ended",
            state =>
                (string?)state.Find(Kinds.Pod, space.In("canary-probe-false"))?.Content["status"]?["phase"] == "Failed"
                    ? state
                    : null);
        platform.SetNetwork(space.Name, EnforcementPlatform.Enforces);
        await AskAsync(space);
        await VerifiedAsync(space, "True", Reasons.Enforced);
        await space.UntilAsync(
            "only the imitation is left", state => state.Of(Kinds.Pod, space.Name).Count() == 1 ? state : null);
        Assert.Equal("canary-probe-false", Assert.Single(space.Now(Kinds.Pod)).Name);
    }

    [Fact]
    public async Task Canaries_go_before_the_policies_that_fence_them()
    {
        await using var space = platform.NewSpace();
        platform.SetNetwork(space.Name, null);
        await space.CreateAsync(SpaceRuntime.Private);
        await CanaryAsync(space, CanaryRoles.Probe);

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "the policies are gone", state => state.Of(Kinds.Policy, space.Name).Any() ? null : state);

        var gone = platform.View.HistoryOf(space.Name)
            .Where(change => change.Type == ChangeType.Deleted)
            .Select(change => change.Object)
            .ToList();
        var lastCanary = gone.Where(seen => seen.Kind == Kinds.Pod).Max(seen => seen.Version);
        Assert.All(
            gone.Where(seen => seen.Kind == Kinds.Policy),
            policy => Assert.True(policy.Version > lastCanary, $"{policy} went before a canary"));
    }

    [Fact]
    public async Task A_restarted_operator_keeps_what_was_seen_and_writes_nothing()
    {
        await using var space = await TriedAsync();
        await NoCanaryAsync(space);
        var (before, canaries) = (platform.View.Now.Find(Kinds.Space, space.Key)!.Version, Canaries(space).Count);
        await platform.Operator.DisposeAsync();

        platform.StartOperator();
        await using var later = await TriedAsync();

        Assert.Equal(before, platform.View.Now.Find(Kinds.Space, space.Key)!.Version);
        Assert.Equal(canaries, Canaries(space).Count);
    }

    [Fact]
    public async Task An_operator_that_crashes_during_a_trial_repeats_it()
    {
        await using var space = platform.NewSpace();
        platform.SetNetwork(space.Name, null);
        await space.CreateAsync(SpaceRuntime.Private);
        await CanaryAsync(space, CanaryRoles.Probe);
        await platform.Operator.CrashAsync();
        platform.SetNetwork(space.Name, EnforcementPlatform.Enforces);

        platform.StartOperator();

        await VerifiedAsync(space, "True", Reasons.Enforced);
        await NoCanaryAsync(space);
        Assert.InRange(Canaries(space).Count, 4, int.MaxValue);
    }

    private async Task<TestSpace> TriedAsync()
    {
        var space = platform.NewSpace();
        await space.CreateAsync(SpaceRuntime.Private);
        await VerifiedAsync(space, "True", Reasons.Enforced);
        return space;
    }

    private static Task<SeenCondition> VerifiedAsync(TestSpace space, string status, string reason) =>
        space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.IsolationVerified, status, reason);

    private static Task AskAsync(TestSpace space) => space.PatchAsync(Kinds.Space, space.Key, new JsonObject
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotations.VerifyIsolation] = "now" } },
    });

    private static Task<SeenObject> CanaryAsync(TestSpace space, string role) =>
        space.UntilAsync(
            $"the {role}",
            state => state.Of(Kinds.Pod, space.Name).FirstOrDefault(pod => pod.Label(Labels.Canary) == role));

    private static Task<ClusterState> NoCanaryAsync(TestSpace space) =>
        space.UntilAsync(
            "the canaries are gone",
            state => state.Of(Kinds.Pod, space.Name).Any(pod => pod.Label(Labels.Canary) is not null) ? null : state);

    private async Task TrialsAsync(TestSpace space, int count)
    {
        await space.UntilAsync(
            $"{count} trials",
            state => Canaries(space).Count(pod => pod.Label(Labels.Canary) == CanaryRoles.Probe) >= count
                ? state
                : null);
        await NoCanaryAsync(space);
    }

    private IsolationTrial TrialOf(TestSpace space) =>
        platform.View.Now.Find(Kinds.Space, space.Key)!.As<Space>().Status!.Isolation!;

    /// <summary>All canaries that ever were, in the order of their making.</summary>
    private List<SeenObject> Canaries(TestSpace space) =>
    [
        .. platform.View.HistoryOf(space.Name)
            .Where(change => change.Type == ChangeType.Added
                && change.Object.Kind == Kinds.Pod
                && change.Object.Label(Labels.Canary) is not null)
            .Select(change => change.Object),
    ];
}
