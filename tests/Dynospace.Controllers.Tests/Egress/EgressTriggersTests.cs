using Dynospace.Api.Dynos;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Controllers.Caching;
using Dynospace.Controllers.Egress;
using Dynospace.Planning.Pods;
using Dynospace.Runtime;
using Xunit;

namespace Dynospace.Controllers.Tests.Egress;

/// <summary>Every trigger of the ways out of spaces: what wakes them, and what does not.</summary>
public sealed class EgressTriggersTests
{
    public static TheoryData<string, Func<IEnumerable<ObjectKey>>, bool> Rows => new()
    {
        { "a Space that asks comes", () => EgressTriggers.OnSpace(null, Space(1, "203.0.113.10")), true },
        { "a Space that does not ask comes", () => EgressTriggers.OnSpace(null, Space(1)), false },
        { "a Space asks", () => EgressTriggers.OnSpace(Space(1), Space(2, "203.0.113.10")), true },
        { "a Space asks no more", () => EgressTriggers.OnSpace(Space(1, "203.0.113.10"), Space(2)), true },
        { "another field of a Space", () => EgressTriggers.OnSpace(Space(1), Space(2)), false },
        { "a status of a Space", () => EgressTriggers.OnSpace(
            Space(1, "203.0.113.10"), Space(1, "203.0.113.10")), false },
        { "a Space's deletion starts", () => EgressTriggers.OnSpace(Space(1), Space(1, deleted: true)), true },
        { "a pod with a fixed IP comes", () => EgressTriggers.OnPod(null, Pod()), true },
        { "it is bound", () => EgressTriggers.OnPod(Pod(), Pod() with { Node = "n1" }), true },
        { "it is ready", () => EgressTriggers.OnPod(Pod(), Pod() with { IsReady = true }), false },
        { "it ends", () => EgressTriggers.OnPod(Pod(), Pod() with { Phase = PodPhase.Failed }), true },
        { "it goes", () => EgressTriggers.OnPod(Pod(), null), true },
        { "a dyno without one goes", () => EgressTriggers.OnPod(Pod() with { OutboundIPs = null }, null), true },
        { "a dyno without one is bound", () => EgressTriggers.OnPod(
            Pod() with { OutboundIPs = null }, Pod() with { OutboundIPs = null, Node = "n1" }), false },
        { "a pod that is not a dyno", () => EgressTriggers.OnPod(null, Pod() with { Dyno = null }), false },
        { "a Dyno gets an address", () => EgressTriggers.OnDyno(Dyno(), Dyno("203.0.113.10")), true },
        { "a Dyno with one ends", () => EgressTriggers.OnDyno(
            Dyno("203.0.113.10"), Dyno("203.0.113.10", DynoState.Complete)), true },
        { "a Dyno comes up", () => EgressTriggers.OnDyno(
            Dyno("203.0.113.10"), Dyno("203.0.113.10", DynoState.Up)), false },
        { "a node comes", () => EgressTriggers.OnNode(null, Node()), true },
        { "a node is cordoned", () => EgressTriggers.OnNode(Node(), Node() with { IsCordoned = true }), true },
        { "a node's heartbeat", () => EgressTriggers.OnNode(Node(), Node()), false },
        { "an address is recorded", () => EgressTriggers.OnGrant(null, new("203.0.113.10", "acme", 1)), true },
        { "the same record", () => EgressTriggers.OnGrant(
            new("203.0.113.10", "acme", 1), new("203.0.113.10", "acme", 1)), false },
        { "a gateway is edited", () => EgressTriggers.OnGateway(Gateway("1"), Gateway("2")), true },
        { "a gateway is listed again", () => EgressTriggers.OnGateway(Gateway("1"), Gateway("1")), false },
        { "an agent reports", () => EgressTriggers.OnReport(
            Report(null, ""), Report(new(), """{"holds":["203.0.113.10"]}""")), true },
        { "an agent reports the same", () => EgressTriggers.OnReport(Report(null, ""), Report(null, "")), false },
        { "an agent claims another block", () => EgressTriggers.OnReport(
            Report(null, ""), Report(null, "") with { Block = "172.24.0.0/23" }), false },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Wakes(string what, Func<IEnumerable<ObjectKey>> trigger, bool wakes) =>
        Assert.Equal((what, wakes), (what, trigger().Any()));

    private static Space Space(long generation, string? address = null, bool deleted = false) => new()
    {
        Metadata = new()
        {
            Name = "acme",
            Generation = generation,
            DeletionTimestamp = deleted ? DateTime.UnixEpoch : null,
        },
        Spec = new() { Runtime = SpaceRuntime.Private, OutboundIPs = address is null ? null : [address] },
    };

    private static PodFacts Pod() => new()
    {
        Namespace = "acme",
        Name = "shop-web-1",
        Uid = "uid",
        Dyno = "shop.web.1",
        OutboundIPs = "203.0.113.10",
        Phase = PodPhase.Running,
    };

    private static Dyno Dyno(string? address = null, DynoState? state = null) => new()
    {
        Metadata = new() { Name = "shop.web.1", NamespaceProperty = "acme" },
        Spec = new() { OutboundIPs = address is null ? null : [address] },
        Status = state is null ? null : new() { State = state },
    };

    private static NodeState Node() => new("n1", "192.0.2.1", "", "", "");

    private static NodeNetworkState Report(NodeEgress? content, string text) =>
        new("n1", null) { Egress = new(content, text) };

    private static EgressGateway Gateway(string version) =>
        new() { Metadata = new() { Name = "acme", ResourceVersion = version } };
}
