using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>Policies in the hands of people.</summary>
public sealed class PolicyRestorationTests(Platform platform)
{
    [Fact]
    public async Task A_deleted_policy_is_put_back_with_an_event()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var before = space.Now(Kinds.Policy, "default-deny");

        await space.DeleteAsync(Kinds.Policy, space.In("default-deny"));

        var after =
            await space.UntilAsync(
                "the policy is back",
                state => state.Find(Kinds.Policy, space.In("default-deny")) is { } seen && seen.Uid != before.Uid
                    ? seen
                    : null);
        Assert.True(JsonNode.DeepEquals(before.Content["spec"], after.Content["spec"]));
        var reported = await space.EventAsync(Kinds.Space, space.Key, Reasons.Restored);
        Assert.Equal("Warning", (string?)reported.Content["type"]);
        Assert.Equal("NetworkPolicy default-deny was missing and was put back.", (string?)reported.Content["message"]);
    }

    [Fact]
    public async Task A_policy_that_was_opened_by_hand_is_closed_again_with_an_event()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var before = space.Now(Kinds.Policy, "default-deny");

        await space.PatchAsync(
            Kinds.Policy,
            space.In("default-deny"),
            new JsonObject { ["spec"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject()) } });

        await space.UntilAsync(
            "the policy is closed",
            state =>
                JsonNode.DeepEquals(
                    state.Find(Kinds.Policy, space.In("default-deny"))!.Content["spec"], before.Content["spec"])
                        ? state
                        : null);
        var reported = await space.EventAsync(Kinds.Space, space.Key, Reasons.Restored);
        Assert.Equal(
            "NetworkPolicy default-deny had been changed and was put back.", (string?)reported.Content["message"]);
        Assert.Equal(before.Uid, space.Now(Kinds.Policy, "default-deny").Uid);
    }

    [Theory]
    [InlineData(Labels.ManagedBy)]
    [InlineData(Labels.Space)]
    [InlineData(Labels.OwnerUid)]
    [InlineData(Labels.ManagedBy, Labels.Space, Labels.OwnerUid)]
    public async Task A_policy_that_lost_its_labels_as_it_was_opened_is_closed_again(params string[] labels)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var before = await space.ThereAsync(Kinds.Policy, space.In("default-deny"));

        await space.PatchAsync(Kinds.Policy, space.In("default-deny"), new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label, (JsonNode?)null))),
            },
            ["spec"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject()) },
        });

        await space.UntilAsync(
            "the policy is as it was", state => state.Find(Kinds.Policy, space.In("default-deny")) is { } now
                && JsonNode.DeepEquals(now.Content["spec"], before.Content["spec"])
                    && labels.All(label => now.Label(label) == before.Label(label)) ? now : null);
        await space.EventAsync(Kinds.Space, space.Key, Reasons.Restored);
    }

    [Fact]
    public async Task The_label_by_which_a_namespace_belongs_to_its_space_is_put_back()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);

        await space.PatchAsync(Kinds.Namespace, space.Key, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject
                {
                    [Labels.Space] = null,
                    ["pod-security.kubernetes.io/enforce"] = "privileged",
                },
            },
        });

        await space.UntilAsync("the labels are back", state => state.Find(Kinds.Namespace, space.Key) is { } ns
            && ns.Label(Labels.Space) == space.Name && ns.Label("pod-security.kubernetes.io/enforce") == "restricted"
                ? ns
                : null);
    }

    [Fact]
    public async Task A_policy_of_another_owner_is_left_alone_and_reported()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var made = (await platform.Api.CreateAsync(
            new V1NetworkPolicy
            {
                ApiVersion = "networking.k8s.io/v1",
                Kind = "NetworkPolicy",
                Metadata = new() { Name = "everything", NamespaceProperty = space.Name },
                Spec = new() { PodSelector = new(), Ingress = [new()] },
            },
            TestContext.Current.CancellationToken)).Require();

        var isolated =
            await space.ConditionAsync(
                Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.ForeignPolicies);

        Assert.Contains("everything", isolated.Message, StringComparison.Ordinal);
        Assert.Equal(
            (string)made["metadata"]!["resourceVersion"]!,
            (string)space.Now(Kinds.Policy, "everything").Metadata["resourceVersion"]!);
        await space.DeleteAsync(Kinds.Policy, space.In("everything"));
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.Applied);
    }

    [Fact]
    public async Task A_policy_name_that_is_taken_is_left_untouched_and_heals_when_it_is_free()
    {
        await using var space = platform.NewSpace();
        var token = TestContext.Current.CancellationToken;
        await space.CreateNamespaceAsync(adopt: space.Name);
        var made = (await platform.Api.CreateAsync(
            new V1NetworkPolicy
            {
                ApiVersion = "networking.k8s.io/v1",
                Kind = "NetworkPolicy",
                Metadata = new() { Name = "dns", NamespaceProperty = space.Name },
                Spec = new() { PodSelector = new(), PolicyTypes = ["Ingress"] },
            },
            token)).Require();

        await space.CreateAsync(SpaceRuntime.Common);

        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.NameTaken);
        Assert.Equal(
            (string)made["metadata"]!["resourceVersion"]!,
            (string)space.Now(Kinds.Policy, "dns").Metadata["resourceVersion"]!);
        await space.DeleteAsync(Kinds.Policy, space.In("dns"));
        await space.ReadyAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "the policy is the operator's",
            state => state.Find(Kinds.Policy, space.In("dns")) is { } seen
                && seen.Label(Labels.ManagedBy) == Labels.ManagedByValue ? seen : null);
    }
}
