using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>Namespaces that were there before their Space.</summary>
public sealed class NamespaceOwnershipTests(Platform platform)
{
    [Fact]
    public async Task A_namespace_of_another_owner_is_left_untouched()
    {
        await using var space = platform.NewSpace();
        var before = await CreateNamespaceAsync(space, adopt: null);

        await space.CreateAsync(SpaceRuntime.Common);

        var ready =
            await space.ConditionAsync(
                Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.NamespaceNotAdopted);
        Assert.Contains($"annotate it with {Annotations.Adopt}={space.Name}", ready.Message, StringComparison.Ordinal);
        await space.EventAsync(Kinds.Space, space.Key, Reasons.NamespaceNotAdopted);
        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.GoneAsync(Kinds.Space, space.Key);
        AssertUntouched(before, platform.View.Now.Find(Kinds.Namespace, space.Key)!);
        Assert.Empty(space.Now(Kinds.Policy));
    }

    [Fact]
    public async Task The_adoption_annotation_lets_a_space_take_over_and_heals_it()
    {
        await using var space = platform.NewSpace();
        var before = await CreateNamespaceAsync(space, adopt: null);
        await space.CreateAsync(SpaceRuntime.Common);
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Stalled, "True", Reasons.NamespaceNotAdopted);

        await space.PatchAsync(Kinds.Namespace, space.Key, Annotate(Annotations.Adopt, space.Name));

        var ready = await space.ReadyAsync(Kinds.Space, space.Key);
        Assert.Null(ready.Condition(ConditionTypes.Stalled));
        var after = platform.View.Now.Find(Kinds.Namespace, space.Key)!;
        Assert.Equal(before.Uid, after.Uid);
        Assert.Equal("restricted", after.Label("pod-security.kubernetes.io/enforce"));
        Assert.Equal("kept", after.Label("team"));
    }

    [Fact]
    public async Task An_annotation_for_another_space_adopts_nothing()
    {
        await using var space = platform.NewSpace();
        var before = await CreateNamespaceAsync(space, adopt: "another");

        await space.CreateAsync(SpaceRuntime.Common);

        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.NamespaceNotAdopted);
        AssertUntouched(before, platform.View.Now.Find(Kinds.Namespace, space.Key)!);
    }

    [Fact]
    public async Task An_adopted_namespace_outlives_its_space_and_loses_what_the_space_put_on_it()
    {
        platform.Traits.RequireGarbageCollection();
        await using var space = platform.NewSpace();
        var before = await CreateNamespaceAsync(space, adopt: space.Name);
        await space.StartAsync(SpaceRuntime.Private);
        await space.CreateAppAsync("shop", formation: ("web", 2));
        await space.AppReadyAsync("shop");

        await space.DeleteAsync(Kinds.Space, space.Key);

        await space.GoneAsync(Kinds.Space, space.Key);
        var after = platform.View.Now.Find(Kinds.Namespace, space.Key)!;
        Assert.False(after.IsTerminating);
        Assert.Equal(before.Uid, after.Uid);
        AssertSame(before.Metadata["labels"]!, after.Metadata["labels"]!);
        AssertSame(before.Metadata["annotations"]!, after.Metadata["annotations"]!);
        await space.UntilAsync(
            "nothing of the space is left",
            state =>
                new[]
                {
                    Kinds.App,
                    Kinds.Dyno,
                    Kinds.Pod,
                    Kinds.Policy,
                    Kinds.Service,
                }.All(kind => !state.Of(kind, space.Name).Any()) ? state : null);
    }

    private static async Task<SeenObject> CreateNamespaceAsync(TestSpace space, string? adopt)
    {
        var made = await space.CreateNamespaceAsync(adopt, new() { ["team"] = "kept" });
        return await space.UntilAsync(
            "the namespace is seen",
            state => state.Find(Kinds.Namespace, space.Key) is { } seen
                && seen.Uid == (string)made["metadata"]!["uid"]! ? seen : null);
    }

    private static JsonObject Annotate(string annotation, string value) =>
        new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [annotation] = value } } };

    private static void AssertUntouched(SeenObject before, SeenObject after)
    {
        Assert.Equal(before.Uid, after.Uid);
        Assert.False(after.IsTerminating);
        AssertSame(before.Metadata["labels"]!, after.Metadata["labels"]!);
        AssertSame(
            before.Metadata["annotations"] ?? new JsonObject(), after.Metadata["annotations"] ?? new JsonObject());
    }

    private static void AssertSame(JsonNode expected, JsonNode actual) =>
        Assert.True(
            JsonNode.DeepEquals(expected, actual),
            $"Expected {expected.ToJsonString()}, found {actual.ToJsonString()}");
}
