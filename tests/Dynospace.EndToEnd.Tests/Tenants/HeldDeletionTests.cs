using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Tenants;

/// <summary>A user who may write an App or a Dyno may put a finalizer on it; nothing runs on for that.</summary>
public sealed class HeldDeletionTests(Platform platform)
{
    private static readonly JsonObject Held = new()
    {
        ["metadata"] = new JsonObject { ["finalizers"] = new JsonArray("tenant.example/hold") },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_finalizer_keeps_a_deleted_dyno_but_not_its_pod()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        await space.PatchAsync(Kinds.Dyno, space.In("shop.worker.1"), Held.DeepClone().AsObject());

        await space.DeleteAsync(Kinds.Dyno, space.In("shop.worker.1"));

        await space.UntilAsync(
            "the pod is being deleted", state => state.PodsOf(space.Name, "shop").Any() ? null : state);
        await space.UntilAsync(
            "the dyno is held",
            state => state.Find(Kinds.Dyno, space.In("shop.worker.1")) is { IsTerminating: true } held ? held : null);
        await ReleaseAsync(space, Kinds.Dyno, "shop.worker.1");
    }

    [Fact]
    public async Task A_finalizer_keeps_no_dyno_running_in_a_space_that_goes_and_the_space_says_who_holds_it()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("worker", 2));
        await space.AppReadyAsync("shop");
        await space.PatchAsync(Kinds.App, space.In("shop"), Held.DeepClone().AsObject());
        await space.PatchAsync(Kinds.Dyno, space.In("shop.worker.1"), Held.DeepClone().AsObject());

        await space.DeleteAsync(Kinds.Space, space.Key);

        await space.UntilAsync("no pod is left", state => state.Of(Kinds.Pod, space.Name).Any() ? null : state);
        var reported = await space.UntilAsync(
            "the space names what holds it",
            state => state.Find(Kinds.Space, space.Key)?.Condition(ConditionTypes.Ready) is { } ready
                && ready.Message.Contains("App shop", StringComparison.Ordinal) ? ready : null);
        Assert.Equal(
            "Waiting for App shop (finalizer tenant.example/hold), Dyno shop.worker.1 (finalizer tenant.example/hold): "
            + "the program that set a finalizer must remove it.",
            reported.Message);
        Assert.DoesNotContain(
            platform.View.HistoryOf(space.Name),
            change => change.Type == ChangeType.Deleted && change.Object.Kind == Kinds.Policy);

        await ReleaseAsync(space, Kinds.Dyno, "shop.worker.1");
        await ReleaseAsync(space, Kinds.App, "shop");
        await space.GoneAsync(Kinds.Space, space.Key);
    }

    private async Task ReleaseAsync(TestSpace space, Runtime.ResourceKind kind, string name) =>
        (await platform.Api.PatchAsync(
            kind,
            space.In(name),
            new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } },
            null,
            Token)).Require();
}
