using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Nodes;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>What a space's way out is, as agents and the operator report it: the test stands in for both.</summary>
public sealed class EgressVerbTests(LivePlatform platform)
{
    private const string Address = "203.0.113.10";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_space_without_fixed_IPs_leaves_by_the_clusters_own()
    {
        using var session = await platform.StartAsync();

        var text = await session.RunAsync("egress");

        Assert.StartsWith($"Space {session.Space}\n", text, StringComparison.Ordinal);
        Assert.Contains("Its dynos leave by the cluster's own addresses.", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_gateways_ports_connections_and_what_was_refused_are_shown()
    {
        using var session = await platform.StartAsync(runtime: "Private");
        var (g1, w1) = ($"{session.Space}-g1", $"{session.Space}-w1");
        await WriteAsync(
            new EgressGateway
            {
                Metadata = new() { Name = session.Space },
                Spec = new()
                {
                    Namespace = session.Space,
                    IPs =
                    [
                        new()
                        {
                            Address = Address,
                            Number = 1,
                            Gateways = [g1, "g2"],
                            Ports = [new() { Node = w1, First = 1024, Last = 3071 }],
                        },
                        new() { Address = "203.0.113.11", Number = 2, Gateways = ["g2"] },
                    ],
                    Nodes =
                    [
                        new() { Name = g1, Number = 1, Addresses = ["192.0.2.1"] },
                        new() { Name = w1, Number = 2, Addresses = ["192.0.2.2"] },
                    ],
                },
            },
            new EgressGatewayStatus
            {
                IPs = [new() { Address = Address, Gateway = g1, Ports = 2048, PortsInUse = 12 }],
            });
        await WriteAsync(
            new NodeNetwork { Metadata = new() { Name = g1 } },
            new NodeNetworkStatus
            {
                Egress = new()
                {
                    Holds = [Address, "203.0.113.99"],
                    Occupied = [new() { Address = "203.0.113.11", Mac = "02:00:00:00:00:09" }],
                },
                Conditions = [Condition("True", "Ready", "Egress: it works")],
            });
        await WriteAsync(
            new NodeNetwork { Metadata = new() { Name = w1 } },
            new NodeNetworkStatus
            {
                Egress = new()
                {
                    Uses =
                    [
                        new() { Address = Address, PortsInUse = 12 },
                        new() { Address = "203.0.113.99", PortsInUse = 5 },
                    ],
                    Drops = [new() { Reason = "noway", Packets = 3 }, new() { Reason = "forged", Packets = 1 }],
                },
                Conditions = [Condition("False", "NodeObstacle", "Egress: a setting cannot be written")],
            });

        var text = await session.RunAsync($"egress {session.Space}");

        Assert.Matches(@"(?m)^ADDRESS\s+GATEWAY\s+THEN\s+PORTS\s+IN USE\s+DYNOS\s+STATE$", text);
        Assert.Matches($@"(?m)^203\.0\.113\.10\s+{g1}\s+g2\s+2048\s+12\s+0\s+-$", text);
        Assert.Matches(@"(?m)^203\.0\.113\.11\s+-\s+g2\s+-\s+-\s+0\s+occupied by 02:00:00:00:00:09$", text);
        Assert.Matches(@"(?m)^NODE\s+PORTS\s+CONNECTIONS\s+HOLDS\s+REFUSED\s+STATE$", text);
        Assert.Matches($@"(?m)^{g1}\s+-\s+-\s+203\.0\.113\.10\s+-\s+Ready$", text);
        Assert.Matches(
            $@"(?m)^{w1}\s+1024-3071\s+12\s+-\s+noway 3, forged 1\s+Egress: a setting cannot be written$", text);
    }

    private static V1Condition Condition(string status, string reason, string message) => new()
    {
        Type = ConditionTypes.EgressReady,
        Status = status,
        Reason = reason,
        Message = message,
        LastTransitionTime = DateTime.UnixEpoch,
    };

    private async Task WriteAsync<T>(T value, object status)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.For<T>(isNamespaced: false);
        await platform.Transport.CreateAsync(kind, JsonObjects.From(value), new WriteQuery(), Token);
        await platform.Transport.PatchAsync(
            kind, ObjectKey.ClusterScoped(value.Metadata.Name), PatchFormat.Merge,
            new JsonObject { ["status"] = JsonObjects.From(status) },
            new WriteQuery { FieldManager = "agent", Subresource = "status" }, Token);
    }
}
