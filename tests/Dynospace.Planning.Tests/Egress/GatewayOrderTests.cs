using CsCheck;
using Dynospace.Planning.Egress;
using Orders =
    System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyList<string>>;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>First places are even, what is in order stays, and a gateway that dies leaves an even load.</summary>
public sealed class GatewayOrderTests
{
    private static readonly Gen<(int IPs, int Nodes)> Clusters = Gen.Select(Gen.Int[0, 40], Gen.Int[1, 7]);

    [Fact]
    public void First_places_differ_by_one_at_most() =>
        Clusters.Sample(cluster => IsEven(Firsts(Of(cluster.IPs, Nodes(cluster.Nodes))), Nodes(cluster.Nodes)));

    [Fact]
    public void What_the_death_of_a_gateway_leaves_is_spread_evenly_over_the_others() => Clusters.Sample(cluster =>
    {
        var nodes = Nodes(cluster.Nodes);
        var order = Of(cluster.IPs, nodes);
        return nodes.All(dead => IsEven(
            order.Values.Where(gateways => gateways[0] == dead && gateways.Count > 1).Select(gateways => gateways[1]),
            nodes.Where(node => node != dead)));
    });

    [Fact]
    public void The_same_cluster_again_changes_nothing() => Clusters.Sample(cluster =>
    {
        var nodes = Nodes(cluster.Nodes);
        var first = Of(cluster.IPs, nodes);
        return Same(first, Of(cluster.IPs, nodes, first));
    });

    [Fact]
    public void A_new_gateway_takes_its_share_and_nothing_else_moves() => Clusters.Sample(cluster =>
    {
        var before = Of(cluster.IPs, Nodes(cluster.Nodes));
        var after = Of(cluster.IPs, Nodes(cluster.Nodes + 1), before);
        var moved = before.Keys.Where(address => before[address][0] != after[address][0]).ToList();
        return moved.All(address => after[address][0] == $"n{cluster.Nodes}")
            && moved.Count <= (cluster.IPs / (cluster.Nodes + 1)) + 1
            && IsEven(Firsts(after), Nodes(cluster.Nodes + 1));
    });

    [Fact]
    public void A_gateway_that_goes_moves_only_what_it_had() => Clusters.Where(cluster => cluster.Nodes > 1)
        .Sample(cluster =>
        {
            var before = Of(cluster.IPs, Nodes(cluster.Nodes));
            var after = Of(cluster.IPs, Nodes(cluster.Nodes - 1), before);
            return before.Keys.All(address =>
                before[address][0] == after[address][0] || before[address][0] == $"n{cluster.Nodes - 1}");
        });

    [Fact]
    public void A_cordoned_gateway_stands_last_and_only_its_own_addresses_move() => Clusters
        .Where(cluster => cluster.Nodes > 1)
        .Sample(cluster =>
        {
            var before = Of(cluster.IPs, Nodes(cluster.Nodes));
            var after = Of(cluster.IPs, Nodes(cluster.Nodes), before, "n0");
            return after.Values.All(gateways => gateways[^1] == "n0" && gateways.Count == cluster.Nodes)
                && before.Keys.All(
                    address => before[address][0] == "n0" || before[address][0] == after[address][0]);
        });

    [Fact]
    public void The_only_gateway_keeps_its_addresses_while_it_is_cordoned() =>
        Assert.All(Of(3, Nodes(1), cordoned: "n0").Values, gateways => Assert.Equal(["n0"], gateways));

    [Fact]
    public void An_address_that_no_gateway_may_have_has_none()
    {
        var order = GatewayOrder.Decide(["a", "b"], address => address == "a"
            ? new Dictionary<string, bool> { ["n0"] = false }
            : new Dictionary<string, bool>(), _ => []);

        Assert.Equal(["n0"], order["a"]);
        Assert.Empty(order["b"]);
    }

    [Fact]
    public void Each_gateway_is_named_once() => Clusters.Sample(cluster =>
        Of(cluster.IPs, Nodes(cluster.Nodes)).Values.All(gateways =>
            gateways.Order().SequenceEqual(Nodes(cluster.Nodes).Order())));

    private static string[] Nodes(int count) => [.. Enumerable.Range(0, count).Select(i => $"n{i}")];

    private static IEnumerable<string> Firsts(Orders order) => order.Values.Select(gateways => gateways[0]);

    private static bool IsEven(IEnumerable<string> places, IEnumerable<string> nodes)
    {
        var load = places.CountBy(node => node).ToDictionary();
        var counts = nodes.Select(node => load.GetValueOrDefault(node)).ToList();
        return counts.Count == 0 || counts.Max() - counts.Min() <= 1;
    }

    private static bool Same(Orders first, Orders second) =>
        first.All(pair => second[pair.Key].SequenceEqual(pair.Value));

    private static Orders Of(int ips, string[] nodes, Orders? before = null, string? cordoned = null) =>
        GatewayOrder.Decide(
            [.. Enumerable.Range(0, ips).Select(i => $"203.0.113.{i}")],
            _ => nodes.ToDictionary(node => node, node => node == cordoned),
            address => before?.GetValueOrDefault(address) ?? []);
}
