using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>A Space goes in order: dynos, then the policies that fence them, then the namespace.</summary>
public sealed class SpaceDeletionTests(Platform platform)
{
    [Fact]
    public async Task Dynos_go_first_then_policies_then_the_namespace_however_slowly_processes_end()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("slow", platform.Workloads.Stubborn, null, ("web", 2), ("worker", 1));
        await space.CreateAppAsync("fast", formation: ("worker", 2));
        await space.AppReadyAsync("slow");
        await space.AppReadyAsync("fast");
        var policies = space.Now(Kinds.Policy).Count;

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.Deleting);
        await space.GoneAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Namespace, space.Key);

        var history = platform.View.HistoryOf(space.Name);
        var lastEnd = Pods(history).Max(pod => LastOf(history, pod));
        var removed = Removals(history, Kinds.Policy);
        Assert.Equal(policies, removed.Count);
        Assert.All(
            Removals(history, Kinds.Dyno),
            dyno => Assert.True(dyno.Version < removed[0].Version, $"{dyno} went after a policy"));
        Assert.True(lastEnd < removed[0].Version, "A policy went while a process ran.");
        Assert.True(
            removed[^1].Version < Marked(history, Kinds.Namespace).Version, "The namespace went before its policies.");
    }

    [Fact]
    public async Task An_empty_space_goes_at_once()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.DeleteAsync(Kinds.Space, space.Key);

        await space.GoneAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Namespace, space.Key);
    }

    [Fact]
    public async Task A_space_can_be_made_again_under_the_same_name()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        var first = await space.StartAsync(SpaceRuntime.Common);
        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Space, space.Key);

        var second = await space.StartAsync(SpaceRuntime.Private);

        Assert.NotEqual(first.Uid, second.Uid);
        Assert.Equal(second.Uid, platform.View.Now.Find(Kinds.Namespace, space.Key)!.Annotation(Annotations.SpaceUid));
    }

    [Fact]
    public async Task A_policy_deleted_while_the_space_waits_for_its_apps_is_put_back()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("held", formation: ("worker", 1));
        await space.AppReadyAsync("held");
        await space.PatchAsync(Kinds.App, space.In("held"), Finalizers("tests.example/hold"));
        var fence = await space.ThereAsync(Kinds.Policy, space.In("default-deny"));

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "the app is being deleted",
            state => state.Find(Kinds.App, space.In("held")) is { IsTerminating: true } app ? app : null);
        await space.DeleteAsync(Kinds.Policy, fence.Key);

        await space.UntilAsync(
            "the policy is back",
            state => state.Find(Kinds.Policy, fence.Key) is { } now && now.Uid != fence.Uid ? now : null);
        await platform.Api.PatchAsync(
            Kinds.App, space.In("held"), Finalizers(), null, TestContext.Current.CancellationToken);
        await space.GoneAsync(Kinds.Space, space.Key);
    }

    private static JsonObject Finalizers(params string[] names) =>
        new()
        {
            ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) },
        };

    private static List<string> Pods(IEnumerable<SeenChange> history) =>
        [.. history.Where(change => change.Object.Kind == Kinds.Pod).Select(change => change.Object.Uid).Distinct()];

    /// <summary>When the last container of a pod was seen to have ended, or the pod went.</summary>
    private static long LastOf(IEnumerable<SeenChange> history, string pod) => history
        .First(change => change.Object.Uid == pod
            && (change.Type == ChangeType.Deleted
                || (string?)change.Object.Content["status"]?["phase"] is "Succeeded" or "Failed"))
        .Object.Version;

    private static List<SeenObject> Removals(IEnumerable<SeenChange> history, ResourceKind kind) =>
        [
            .. history.Where(change => change.Type == ChangeType.Deleted && change.Object.Kind == kind)
                .Select(change => change.Object)
                .OrderBy(seen => seen.Version),
        ];

    private static SeenObject Marked(IEnumerable<SeenChange> history, ResourceKind kind) =>
        history.First(change => change.Object.Kind == kind && change.Object.IsTerminating).Object;
}
