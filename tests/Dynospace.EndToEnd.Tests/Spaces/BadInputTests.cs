using System.Text.Json.Nodes;
using DevCluster.Schema.Yaml;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>What one Space alone does not show to be wrong: a condition says so, and what is in force stays.</summary>
public sealed class BadInputTests(Platform platform)
{
    [Fact]
    public async Task A_range_of_the_clusters_is_reported_and_the_last_good_policy_stays_in_force()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(
            SpaceRuntime.Private, spec => spec.Egress = new() { Rules = [new() { Cidr = "203.0.113.0/24" }] });
        var good = await space.ThereAsync(Kinds.Policy, space.In("internet"));

        await PatchAsync(space, "{egress: {rules: [{cidr: 198.51.100.0/24}, {cidr: 10.1.0.0/16}]}}");

        var ready =
            await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.RangeConflict);
        Assert.StartsWith(
            "spec.egress.rules[1].cidr 10.1.0.0/16 lies in 10.0.0.0/8, which is not the internet",
            ready.Message,
            StringComparison.Ordinal);
        await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.RangeConflict);
        await space.EventAsync(Kinds.Space, space.Key, Reasons.RangeConflict);
        Assert.Equal(
            (good.Uid, good.Version),
            (space.Now(Kinds.Policy, "internet").Uid, space.Now(Kinds.Policy, "internet").Version));

        await PatchAsync(space, "{egress: {rules: [{cidr: 198.51.100.0/24}]}}");
        await space.ReadyAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "the new rule is in force",
            state => state.Find(Kinds.Policy, space.In("internet"))!.Content["spec"]!.ToJsonString()
                .Contains("198.51.100.0/24", StringComparison.Ordinal) ? state : null);
    }

    [Theory]
    [InlineData(
        "{peerNetworks: [{name: hq, via: VPN, cidrs: [10.40.0.0/16]}, {name: lab, via: VPC, cidrs: [10.40.8.0/24]}]}",
        "overlaps spec.peerNetworks[hq].cidrs 10.40.0.0/16")]
    [InlineData(
        "{peerNetworks: [{name: hq, via: VPN, cidrs: [0.0.0.0/0]}]}", "spec.peerNetworks[hq].cidrs 0.0.0.0/0 overlaps")]
    [InlineData(
        "{dataServices: [{name: meta, cidrs: [169.254.169.254/32], ports: [80]}]}",
        "spec.dataServices[meta].cidrs 169.254.169.254/32 overlaps")]
    public async Task Ranges_that_no_space_may_have_are_reported_and_open_nothing(string spec, string says)
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private);

        await PatchAsync(space, spec);

        var ready =
            await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.Ready, "False", Reasons.RangeConflict);
        Assert.Contains(says, ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            space.Now(Kinds.Policy),
            policy => policy.Content["spec"]!.ToJsonString().Contains("10.40.8.0/24", StringComparison.Ordinal));
        Assert.DoesNotContain(
            space.Now(Kinds.Policy),
            policy => policy.Content["spec"]!.ToJsonString()
                .Contains("\"cidr\":\"169.254.169.254/32\"", StringComparison.Ordinal));
        Assert.DoesNotContain(
            space.Now(Kinds.Policy),
            policy => policy.Name == "peer-networks"
                && policy.Content["spec"]!.ToJsonString().Contains("0.0.0.0/0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_selector_that_matches_nothing_is_reported_until_it_matches()
    {
        await using var space = platform.NewSpace();
        await space.CreateAsync(SpaceRuntime.Private, spec => spec.DataServices =
            [
                new()
                {
                    Name = "orders-db",
                    PodSelector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "orders-db" } },
                    Ports = [5432],
                },
            ]);

        var reported =
            await space.ConditionAsync(
                Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.SelectorMatchesNothing);

        Assert.Equal(
            $"spec.dataServices[orders-db].podSelector matches no pod of namespace {space.Name}: correct the labels, "
            + $"or start the service.",
            reported.Message);
        var database = RestrictedPod.Of(space.In("orders-db-0"), "registry.example/db:1", ("app", "orders-db"));
        (await platform.Api.CreateAsync(database, TestContext.Current.CancellationToken)).Require();
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.Applied);
    }

    private static Task PatchAsync(TestSpace space, string spec) =>
        space.PatchAsync(
            Kinds.Space, space.Key, new JsonObject { ["spec"] = YamlReader.ReadAll(spec).Single().DeepClone() });
}
