using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>From what a Space asks for to the pods of its dynos, and back when it no longer asks.</summary>
public sealed class FixedIPTests(EgressPlatform platform) : IClassFixture<EgressPlatform>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dynos_of_a_space_with_fixed_ips_get_one_each_behind_a_gate()
    {
        await platform.FollowAsync();
        var gateways = await platform.MakeGatewaysAsync(2);
        await using var space = platform.NewSpace();

        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.10", "203.0.113.11"]);
        await space.CreateAppAsync("shop", formation: [("web", 2)]);
        await space.AppReadyAsync("shop");

        var pods = space.Pods("shop");
        Assert.Equal(["203.0.113.10", "203.0.113.11"], pods.Select(IPOf).Order());
        Assert.All(pods, pod =>
        {
            var gate = pod.Content["spec"]!["initContainers"]![0]!;
            Assert.Equal("gate", (string?)gate["name"]);
            Assert.Contains(IPOf(pod), gate["args"]!.AsArray().Select(argument => (string?)argument));
        });
        var gateway = await space.UntilAsync(
            "each node with a dyno has ports of its address",
            state => state.Find(Kinds.EgressGateway, space.Key) is { } found
                && pods.All(pod => BlocksOf(found, IPOf(pod)!).Contains((string)pod.Content["spec"]!["nodeName"]!))
                    ? found
                    : null);
        Assert.Equal(space.Name, (string?)gateway.Content["spec"]!["namespace"]);
        Assert.All(gateway.Content["spec"]!["ips"]!.AsArray(), ip => Assert.Equal(
            gateways, ip!["gateways"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal)));
        var seen = await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.EgressReady, "Unknown", Reasons.Simulated);
        Assert.Contains("dev cluster", seen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_space_that_gets_fixed_ips_rolls_its_dynos_and_one_without_restarts_none()
    {
        await platform.FollowAsync();
        await platform.MakeGatewaysAsync(2);
        await using var space = platform.NewSpace();
        await using var other = platform.NewSpace();
        await Task.WhenAll(space.StartAsync(SpaceRuntime.Private), other.StartAsync(SpaceRuntime.Private));
        foreach (var made in new[] { space, other })
        {
            await made.CreateAppAsync("shop", formation: [("web", 2)]);
            await made.AppReadyAsync("shop");
        }

        var (before, unmoved) = (Uids(space), Uids(other));
        Assert.All(space.Pods("shop"), pod => Assert.Null(IPOf(pod)));

        await SetAsync(space, new() { ["egress"] = new JsonObject { ["count"] = 1 } });
        await space.UntilAsync(
            "all pods have a fixed IP",
            state => state.PodsOf(space.Name, "shop").ToList() is { Count: 2 } pods
                && pods.TrueForAll(pod => IPOf(pod) is not null && !before.Contains(pod.Uid)) ? state : null);
        await space.AppReadyAsync("shop");
        Assert.Equal(unmoved, Uids(other));

        await SetAsync(space, new() { ["egress"] = null });
        await space.UntilAsync(
            "all pods leave by the cluster's addresses again, and nothing is left",
            state => state.PodsOf(space.Name, "shop").All(pod => IPOf(pod) is null)
                && state.Find(Kinds.EgressGateway, space.Key) is null
                && GrantsOf(state, space).Count == 0 ? state : null);
    }

    [Fact]
    public async Task An_address_that_leaves_the_spec_is_freed_when_its_last_dyno_was_replaced()
    {
        await platform.FollowAsync();
        await platform.MakeGatewaysAsync(2);
        await using var space = platform.NewSpace();
        await using var other = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.20", "203.0.113.21"]);
        await space.CreateAppAsync("shop", formation: [("web", 2)]);
        await space.AppReadyAsync("shop");
        var staying = space.Pods("shop").Single(pod => IPOf(pod) == "203.0.113.20").Uid;

        await other.CreateAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.21"]);
        var taken = await other.ConditionAsync(
            Kinds.Space, other.Key, ConditionTypes.EgressReady, "False", Reasons.AddressTaken);
        Assert.Contains("spec.outboundIPs[0] 203.0.113.21", taken.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(space.Name, taken.Message, StringComparison.Ordinal);

        await SetAsync(space, new() { ["outboundIPs"] = new JsonArray("203.0.113.20") });
        await space.UntilAsync(
            "the other space has the address",
            state => GrantsOf(state, other).SequenceEqual(["203.0.113.21"])
                && state.PodsOf(space.Name, "shop").All(pod => IPOf(pod) == "203.0.113.20") ? state : null);
        await space.AppReadyAsync("shop");
        Assert.Contains(staying, Uids(space));
    }

    [Fact]
    public async Task A_deleted_space_keeps_its_way_out_until_its_last_dyno_is_gone()
    {
        await platform.FollowAsync();
        await platform.MakeGatewaysAsync(2);
        var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.30"]);
        await space.CreateAppAsync("shop", formation: [("web", 1)]);
        await space.AppReadyAsync("shop");

        await space.DeleteAsync(Kinds.Space, space.Key);
        await space.UntilAsync(
            "space, way out and record are gone",
            state => state.Find(Kinds.Space, space.Key) is null
                && state.Find(Kinds.EgressGateway, space.Key) is null
                && GrantsOf(state, space).Count == 0 ? state : null);

        var changes = platform.View.HistoryOf(space.Name).Select((change, i) => (change, i)).ToList();
        var lastPod = changes.Last(entry => entry.change.Object.Kind == Kinds.Pod).i;
        Assert.All(
            changes.Where(entry => entry.change.Object.Kind == Kinds.EgressGateway
                && entry.change.Type == ChangeType.Deleted),
            entry => Assert.True(entry.i > lastPod));
    }

    [Fact]
    public async Task Bad_addresses_are_named_and_the_good_one_works()
    {
        await platform.FollowAsync();
        await platform.MakeGatewaysAsync(2);
        await using var space = platform.NewSpace();

        await space.CreateAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.40", "198.51.100.7"]);
        var refused = await space.ConditionAsync(
            Kinds.Space, space.Key, ConditionTypes.EgressReady, "False", Reasons.AddressRefused);
        Assert.Contains(
            "spec.outboundIPs[1] 198.51.100.7 is not in the operator's pool",
            refused.Message,
            StringComparison.Ordinal);

        await space.CreateAppAsync("shop", formation: [("web", 2)]);
        await space.AppReadyAsync("shop");
        Assert.All(space.Pods("shop"), pod => Assert.Equal("203.0.113.40", IPOf(pod)));
    }

    [Fact]
    public async Task What_agents_report_is_in_the_status_of_the_gateway()
    {
        await platform.FollowAsync();
        var gateways = await platform.MakeGatewaysAsync(2);
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = ["203.0.113.50"]);

        var report = new JsonObject
        {
            ["apiVersion"] = "dynospace.dev/v1alpha1",
            ["kind"] = "NodeNetwork",
            ["metadata"] = new JsonObject { ["name"] = gateways[0] },
            ["spec"] = new JsonObject(),
        };
        (await platform.Api.ApplyAsync(Kinds.NodeNetwork, report, Token)).Require();
        var status = new JsonObject { ["egress"] = new JsonObject { ["holds"] = new JsonArray("203.0.113.50") } };
        (await platform.Api.PatchAsync(
            Kinds.NodeNetwork,
            ObjectKey.ClusterScoped(gateways[0]),
            new() { ["status"] = status },
            "status",
            Token)).Require();

        await space.UntilAsync(
            "the gateway is known",
            state => (string?)state.Find(Kinds.EgressGateway, space.Key)?.Content["status"]?["summary"]
                == $"203.0.113.50@{gateways[0]}" ? state : null);
    }

    private static string? IPOf(SeenObject pod) => pod.Annotation(Annotations.OutboundIP);

    private static HashSet<string> Uids(TestSpace space) => [.. space.Pods("shop").Select(pod => pod.Uid)];

    private static IEnumerable<string> BlocksOf(SeenObject gateway, string address) =>
        (gateway.Content["spec"]!["ips"]?.AsArray() ?? [])
            .Where(ip => (string?)ip!["address"] == address)
            .SelectMany(ip => ip!["ports"]?.AsArray() ?? [])
            .Select(block => (string)block!["node"]!);

    private static List<string> GrantsOf(ClusterState state, TestSpace space) =>
    [
        .. state.All(Kinds.ConfigMap)
            .Where(map => map.Label(Labels.Component) == ComponentValues.EgressGrant
                && map.Label(Labels.Space) == space.Name)
            .Select(map => (string)map.Content["data"]!["address"]!),
    ];

    private static Task SetAsync(TestSpace space, JsonObject spec) =>
        space.PatchAsync(Kinds.Space, space.Key, new() { ["spec"] = spec });
}
