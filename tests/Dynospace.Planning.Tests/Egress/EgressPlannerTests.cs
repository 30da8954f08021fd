using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Tests.Egress;

public sealed class EgressPlannerTests
{
    private const string Address = "203.0.113.10";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_space_gets_its_gateways_and_its_nodes_their_ports()
    {
        var planned = Assert.Single(Plan([Space("acme", [new(Address, "acme", 3)], "w1", "w2")]));

        Assert.Equal("acme", planned.Gateway.Metadata.Name);
        Assert.Equal("acme", planned.Gateway.Spec.Namespace);
        var ip = Assert.Single(planned.Gateway.Spec.IPs!);
        Assert.Equal((Address, 3, EgressAddressMode.Announced), (ip.Address, ip.Number, ip.Mode));
        Assert.Equal(["g1", "g2"], ip.Gateways!.Order());
        Assert.Equal(["w1", "w2"], ip.Ports!.Select(block => block.Node));
        Assert.Equal(
            ["g1=1 192.0.2.1", "g2=2 192.0.2.2", "w1=3 192.0.2.3", "w2=4 192.0.2.4"],
            planned.Gateway.Spec.Nodes!.Select(node => $"{node.Name}={node.Number} {node.Addresses![0]}"));
        Assert.Empty(planned.Problems);
    }

    [Fact]
    public void Numbers_of_nodes_agree_between_spaces_and_stay()
    {
        var first = Plan([Space("acme", [new(Address, "acme", 1)], "w2")]);
        var second = Plan(
            [Space("aaa", [new("203.0.113.11", "aaa", 2)], "w1"), Space("acme", [new(Address, "acme", 1)], "w2")],
            [.. first.Select(planned => planned.Gateway)]);

        var numbers = second.SelectMany(planned => planned.Gateway.Spec.Nodes!)
            .GroupBy(node => node.Name, node => node.Number)
            .ToDictionary(node => node.Key, node => Assert.Single(node.Distinct()));
        Assert.Equal(3, numbers["w2"]);
        Assert.Equal(4, numbers["w1"]);
    }

    [Fact]
    public void Nothing_changes_where_nothing_changed()
    {
        EgressSpace[] spaces =
            [Space("acme", [new(Address, "acme", 1)], "w1"), Space("bank", [new("2001:db8::1", "bank", 2)], "w2")];
        var first = Plan(spaces);
        var second = Plan(spaces, [.. first.Select(planned => planned.Gateway)]);

        Assert.Equal(Texts(first), Texts(second));
    }

    [Fact]
    public void Without_a_labelled_node_the_problem_names_the_label()
    {
        var planned = Assert.Single(EgressPlanner.Plan(
            new() { Spaces = [Space("acme", [new(Address, "acme", 1)])], Nodes = [Node("w1", 3)] }, new()));

        Assert.Null(planned.Gateway.Spec.IPs![0].Gateways);
        var problem = Assert.Single(planned.Problems);
        Assert.Equal(Reasons.NoGateway, problem.Reason);
        Assert.Contains("dynospace.dev/egress-gateway=true", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("203.0.113.10", "g1")]
    [InlineData("192.0.2.2", "g2")]
    [InlineData("203.0.113.11", null)]
    public void A_present_address_is_only_at_the_node_that_the_network_brings_it_to(string address, string? gateway)
    {
        var options = new PlatformOptions { Egress = new() { Addresses = EgressAddressMode.Present } };
        var planned = Assert.Single(EgressPlanner.Plan(
            new()
            {
                Spaces = [Space("acme", [new(address, "acme", 1)], "w1")],
                Nodes =
                [
                    Gateway("g1", 1) with { PresentAddresses = ["192.0.2.1", "203.0.113.10"] },
                    Gateway("g2", 2) with { PresentAddresses = ["192.0.2.2"] },
                    Node("w1", 3),
                ],
            },
            options));

        var ip = planned.Gateway.Spec.IPs![0];
        Assert.Equal(gateway is null ? null : [gateway], ip.Gateways);
        Assert.Equal(gateway is null, planned.Problems.Any(problem => problem.Reason == Reasons.NoGateway));
        // Of a node's own address only ports that nothing else of the node uses.
        Assert.Equal(address == "192.0.2.2" ? 17_408 : 1024, ip.Ports![0].First);
        Assert.Equal(address == "192.0.2.2" ? true : null, ip.Shared);
    }

    /// <summary>Its dynos keep what they have, and wait; the ports are no other address's.</summary>
    [Fact]
    public void A_nodes_own_address_stays_shared_after_the_node_is_gone()
    {
        var options = new PlatformOptions { Egress = new() { Addresses = EgressAddressMode.Present } };
        var spaces = new[] { Space("acme", [new("192.0.2.2", "acme", 1)], "w1") };
        NodeFacts[] nodes = [Gateway("g2", 2) with { PresentAddresses = ["192.0.2.2"] }, Node("w1", 3)];
        var first = Assert.Single(EgressPlanner.Plan(new() { Spaces = spaces, Nodes = nodes }, options));

        var second = Assert.Single(EgressPlanner.Plan(
            new() { Spaces = spaces, Nodes = nodes[1..], Gateways = [first.Gateway] }, options));

        var ip = second.Gateway.Spec.IPs![0];
        Assert.Equal((true, 17_408), (ip.Shared, ip.Ports![0].First));
        Assert.Null(ip.Gateways);
        Assert.Contains(second.Problems, problem => problem.Reason == Reasons.NoGateway);
    }

    [Fact]
    public void More_nodes_than_the_tunnel_can_number_are_reported()
    {
        var names = Enumerable.Range(0, 260).Select(i => $"w{i:000}").ToArray();
        var planned = Assert.Single(EgressPlanner.Plan(
            new()
            {
                Spaces = [Space("acme", [new(Address, "acme", 1)], names)],
                Nodes = [Gateway("g1", 1), .. names.Select((name, i) => Node(name, i + 2))],
            },
            new()));

        Assert.Contains(
            planned.Problems, problem => problem.Message.Contains("for 250 nodes", StringComparison.Ordinal));
        Assert.Equal(
            250, planned.Gateway.Spec.Nodes!.Select(node => node.Number).Distinct().Count());
    }

    [Theory]
    [InlineData(null, false, "False/GatewayUnavailable", "-")]
    [InlineData("g2", false, "True/Ready", "g2")]
    [InlineData("w1", false, "False/GatewayUnavailable", "-")]
    [InlineData(null, true, "Unknown/Simulated", "-")]
    public void Status_says_who_has_the_address(string? holder, bool isSimulated, string expected, string gateway)
    {
        var planned = Assert.Single(Plan([Space("acme", [new(Address, "acme", 1)], "w1")]));
        NodeFacts[] nodes =
        [
            .. Cluster.Select(node => node with
            {
                Report = new()
                {
                    Holds = node.Name == holder ? [Address] : null,
                    Uses = node.Name == "w1" ? [new() { Address = Address, PortsInUse = 12 }] : null,
                },
            }),
        ];

        var status = EgressGatewayStatusBuilder.Build(planned.Gateway, planned, nodes, isSimulated, new(), Now);

        var ready = Assert.Single(status.Conditions!);
        Assert.Equal(expected, $"{ready.Status}/{ready.Reason}");
        Assert.Equal($"{Address}@{gateway}", status.Summary);
        Assert.Equal((2048, 12), (status.IPs![0].Ports, status.IPs[0].PortsInUse));
    }

    /// <summary>A node that is cut off or dead takes nothing back of what it said.</summary>
    [Theory]
    [InlineData("g1", "g2")]
    [InlineData("g2", "g1")]
    public void Of_two_that_say_they_have_an_address_the_last_one_counts(string first, string last)
    {
        var planned = Assert.Single(Plan([Space("acme", [new(Address, "acme", 1)], "w1")]));
        NodeFacts[] nodes =
        [
            .. Cluster.Select(node => node with
            {
                Report = new() { Holds = node.Name == first || node.Name == last ? [Address] : null },
                ReportVersion = node.Name == last ? 1000 : 999,
            }),
        ];

        var status = EgressGatewayStatusBuilder.Build(planned.Gateway, planned, nodes, false, new(), Now);

        Assert.Equal($"{Address}@{last}", status.Summary);
    }

    /// <summary>Whether or not the gateway keeps the address: others may reach the machine instead of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_that_another_machine_has_is_named_with_its_hardware_address(bool isHeld)
    {
        var planned = Assert.Single(Plan([Space("acme", [new(Address, "acme", 1)], "w1")]));
        NodeFacts[] nodes =
        [
            .. Cluster.Select(node => node.Name != "g1" ? node : node with
            {
                Report = new()
                {
                    Holds = isHeld ? [Address] : null,
                    Occupied = [new() { Address = Address, Mac = "02:00:00:00:00:09" }],
                },
            }),
        ];

        var status = EgressGatewayStatusBuilder.Build(planned.Gateway, planned, nodes, false, new(), Now);

        var ready = Assert.Single(status.Conditions!);
        Assert.Equal(("False", "AddressOccupied"), (ready.Status, ready.Reason));
        Assert.Contains($"02:00:00:00:00:09 has {Address} on the network of node g1", ready.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void One_gateway_alone_is_no_failover()
    {
        var nodes = new[] { Gateway("g1", 1) with { Report = new() { Holds = [Address] } } };
        var planned = Assert.Single(EgressPlanner.Plan(
            new() { Spaces = [Space("acme", [new(Address, "acme", 1)])], Nodes = nodes }, new()));

        var status = EgressGatewayStatusBuilder.Build(planned.Gateway, planned, nodes, false, new(), Now);

        Assert.Equal(("True", "NoFailover"), (status.Conditions![0].Status, status.Conditions[0].Reason));
    }

    private static NodeFacts[] Cluster { get; } = [Gateway("g1", 1), Gateway("g2", 2), Node("w1", 3), Node("w2", 4)];

    private static NodeFacts Node(string name, int host) => new(name)
    {
        InternalAddresses = [$"192.0.2.{host % 256}"],
        OwnAddresses = [$"192.0.2.{host % 256}"],
    };

    private static NodeFacts Gateway(string name, int host) => Node(name, host) with { IsGateway = true };

    private static EgressSpace Space(string name, EgressGrant[] grants, params string[] nodes) =>
        new(name, $"{name}-uid")
        {
            Grants = grants,
            Nodes = grants.ToDictionary(
                grant => grant.Address, IReadOnlySet<string> (_) => nodes.ToHashSet(StringComparer.Ordinal)),
        };

    private static IReadOnlyList<PlannedEgress> Plan(EgressSpace[] spaces, EgressGateway[]? before = null) =>
        EgressPlanner.Plan(new() { Spaces = spaces, Nodes = Cluster, Gateways = before ?? [] }, new());

    private static IEnumerable<string> Texts(IReadOnlyList<PlannedEgress> planned) =>
        planned.Select(plan => k8s.KubernetesJson.Serialize(plan.Gateway));
}
