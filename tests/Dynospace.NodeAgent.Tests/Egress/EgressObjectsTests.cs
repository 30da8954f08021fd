using System.Net;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.NodeAgent.Egress;
using k8s.Models;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>What one object says that is wrong must not harm the dynos of other spaces, nor open the way of its own.
/// </summary>
public sealed class EgressObjectsTests
{
    private static readonly string[] Gate = ["--gate", "169.254.77.77:7877"];

    [Theory]
    [InlineData("203.0.113.1", 2)]
    [InlineData("203.0.113.2", 1)]
    public void An_address_or_number_of_another_space_closes_the_way_of_the_second_alone(string address, int number)
    {
        var gateways = new[] { Gateway("a", "203.0.113.1", 1), Gateway("b", address, number) };

        var read = Read(gateways, [Pod("a", "203.0.113.1"), Pod("b", address)]);

        Assert.Equal([1, null], read.Pods.Select(pod => pod.Addresses[0].Number));
        Assert.Single(read.Spaces.SelectMany(space => space.Addresses));
        Assert.Equal(read.Spaces.Length, read.Spaces.Select(space => space.Key).Distinct().Count());
        Assert.NotEmpty(EgressRules.Build(Facts(read)).Replacement);
    }

    [Fact]
    public void The_way_stays_closed_when_the_object_was_sound_before()
    {
        V1Pod[] pods = [Pod("a", "203.0.113.1"), Pod("b", "203.0.113.2")];
        var before = Read([Gateway("a", "203.0.113.1", 1), Gateway("b", "203.0.113.2", 2)], pods);

        // The address has gone to another space, and the object of its former one has not.
        var read = EgressObjects.Read(
            "n1", [Gateway("a", "203.0.113.2", 2), Gateway("b", "203.0.113.2", 2)], pods, before, out var problem);

        Assert.NotNull(problem);
        Assert.Equal([null, null], read.Pods.Select(pod => pod.Addresses[0].Number));
    }

    [Fact]
    public void One_address_twice_in_a_space_closes_its_way()
    {
        var gateway = Gateway("a", "2001:db8::1", 1);
        gateway.Spec.IPs!.Add(new EgressIP { Address = "2001:DB8:0::1", Number = 2, Gateways = ["n1"] });

        var read = Read([gateway, Gateway("b", "203.0.113.2", 3)], [Pod("a", "2001:db8::1"), Pod("b", "203.0.113.2")]);

        Assert.Equal([null, 3], read.Pods.Select(pod => pod.Addresses[0].Number));
    }

    [Fact]
    public void Of_blocks_that_overlap_the_first_counts()
    {
        var gateway = Gateway("a", "203.0.113.1", 1);
        gateway.Spec.IPs![0].Ports =
        [
            new() { Node = "n1", First = 2000, Last = 2999 },
            new() { Node = "n2", First = 2999, Last = 3999 },
            new() { Node = "n2", First = 4000, Last = 4999 },
        ];

        var read = EgressObjects.Read("n1", [gateway], [], null, out var problem);

        Assert.Equal(
            [new PortBlock(1, 2000, 2999), new PortBlock(2, 4000, 4999)], read.Spaces[0].Addresses[0].Ports);
        Assert.Contains("2999 to 3999", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_retires_is_read_and_one_that_is_released_is_said()
    {
        var gateway = Gateway("a", "203.0.113.1", 1);
        gateway.Spec.IPs![0].Ports =
        [
            new() { Node = "n1", First = 2000, Last = 2999, Retiring = true },
            new() { Node = "n1", First = 3000, Last = 3999 },
        ];
        var address = IPAddress.Parse("203.0.113.1");

        Assert.Equal(
            [true, false], Read([gateway], []).Spaces[0].Addresses[0].Ports.Select(block => block.IsRetiring));
        var use = Assert.Single(EgressObjects.Status(
            new EgressState([], new Dictionary<IPAddress, int> { [address] = 0 },
                System.Collections.Immutable.ImmutableDictionary<string, long>.Empty, false, null)
            {
                Idle = [(address, 3000)],
                Released = [(address, 2000)],
            }).Uses!);
        Assert.Equal(("203.0.113.1", 0), (use.Address, use.PortsInUse));
        Assert.Equal([3000], use.Idle!);
        Assert.Equal([2000], use.Released!);
    }

    [Fact]
    public void A_space_that_is_read_again_has_other_sources_only_if_its_addresses_or_exempt_ranges_differ()
    {
        var space = Assert.Single(Read([Gateway("a", "203.0.113.1", 1)], []).Spaces);
        var joined = Gateway("a", "203.0.113.1", 1);
        joined.Spec.IPs![0].Ports = [new() { Node = "n1", First = 2000, Last = 2999 }];
        var exempt = Gateway("a", "203.0.113.1", 1);
        exempt.Spec.Exempt = ["10.77.0.0/16"];
        var present = Gateway("a", "203.0.113.1", 1);
        present.Spec.IPs![0].Mode = EgressAddressMode.Present;
        var shared = Gateway("a", "203.0.113.1", 1);
        (shared.Spec.IPs![0].Mode, shared.Spec.IPs[0].Shared) = (EgressAddressMode.Present, true);

        Assert.True(space.HasSameSources(Read([joined], []).Spaces[0]));
        Assert.False(space.HasSameSources(Read([exempt], []).Spaces[0]));
        Assert.False(space.HasSameSources(Read([present], []).Spaces[0]));
        Assert.False(Read([present], []).Spaces[0].HasSameSources(Read([shared], []).Spaces[0]));
        Assert.False(space.HasSameSources(Read([Gateway("a", "203.0.113.2", 1)], []).Spaces[0]));
        Assert.False(space.HasSameSources(Read([Gateway("a", "203.0.113.1", 2)], []).Spaces[0]));
    }

    [Fact]
    public void A_node_keeps_the_number_that_it_has_in_the_first_object()
    {
        var other = Gateway("b", "203.0.113.2", 2);
        other.Spec.Nodes![0].Number = 9;

        var read = EgressObjects.Read(
            "n1", [Gateway("a", "203.0.113.1", 1), other], [], null, out var problem);

        Assert.Equal(1, read.Own);
        Assert.Contains("number 9", problem, StringComparison.Ordinal);
    }

    /// <summary>An agent that is started while a dyno's object is missing serves the other spaces.</summary>
    [Fact]
    public void A_dyno_without_an_object_has_no_way_out_and_stops_no_other()
    {
        var read = Read(
            [Gateway("a", "203.0.113.1", 1)],
            [Pod("a", "203.0.113.1"), Pod("lost1", "203.0.113.8"), Pod("lost2", "203.0.113.9")]);

        Assert.Equal([1, null, null], read.Pods.Select(pod => pod.Addresses[0].Number));
        Assert.Equal(2, read.Spaces.Length);
        Assert.Equal(1, read.Own);
    }

    /// <summary>Their addresses stand in the pod as well, and tenants choose such a provider.</summary>
    [Fact]
    public void A_dyno_of_another_provider_keeps_the_clusters_own_way()
    {
        var foreign = Pod("foreign", "203.0.113.8");
        foreign.Spec.InitContainers = [new() { Name = "gate", Args = ["--echo", "192.0.2.1:7"] }];
        var unproven = Pod("unproven", "203.0.113.9");
        unproven.Spec.InitContainers = null;

        var read = Read([Gateway("a", "203.0.113.1", 1)], [foreign, unproven]);

        Assert.Empty(read.Pods);
        Assert.Null(read.Orphan);
    }

    private static EgressCluster Read(EgressGateway[] gateways, V1Pod[] pods) =>
        EgressObjects.Read("n1", gateways, pods, null, out _);

    private static EgressFacts Facts(EgressCluster read) => new()
    {
        Own = read.Own!.Value,
        Nodes = read.Nodes,
        Spaces = read.Spaces,
        Dynos =
        [
            .. read.Pods.SelectMany((pod, i) => pod.Addresses.Select(
                item => new EgressDyno(i + 2, $"v{i}", item.Address, pod.Space, item.Number))),
        ],
    };

    private static EgressGateway Gateway(string space, string address, int number) => new()
    {
        Metadata = new V1ObjectMeta { Name = space },
        Spec = new EgressGatewaySpec
        {
            Namespace = space,
            IPs = [new EgressIP { Address = address, Number = number, Gateways = ["n1"] }],
            Nodes =
            [
                new() { Name = "n1", Number = 1, Addresses = ["192.0.2.1"] },
                new() { Name = "n2", Number = 2, Addresses = ["192.0.2.2"] },
            ],
        },
    };

    private static V1Pod Pod(string space, string outbound)
    {
        var isV6 = IPAddress.Parse(outbound).AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = "web-1",
                NamespaceProperty = space,
                Uid = $"{space}-uid",
                Labels = new Dictionary<string, string> { [Labels.Dyno] = "web-1" },
                Annotations = new Dictionary<string, string>
                {
                    [isV6 ? Annotations.OutboundIP6 : Annotations.OutboundIP] = outbound,
                },
            },
            Spec = new V1PodSpec { InitContainers = [new() { Name = "gate", Args = Gate }] },
            Status = new V1PodStatus { Phase = "Running", PodIP = isV6 ? "fd00::2" : "10.0.0.2" },
        };
    }
}
