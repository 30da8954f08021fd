using System.Collections.Immutable;
using System.Net;
using Dynospace.NodeAgent.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Plans that reuse parts of earlier ones, and the kernel operations of a small change.</summary>
public sealed class EgressPlanTests
{
    [Fact]
    public void A_plan_that_reuses_parts_of_another_equals_a_complete_one()
    {
        var random = new Random(7);
        EgressPlan? before = null;
        var facts = Some(random);
        for (var i = 0; i < 500; i++)
        {
            facts = Changed(facts, random);
            var expected = EgressKernelPlanner.Plan(facts);
            before = EgressKernelPlanner.Plan(facts, before);

            Assert.Equal(expected.Table.Replacement, before.Table.Replacement);
            Assert.Equal(expected.FastPath?.Replacement, before.FastPath?.Replacement);
            Assert.Equal(Text(expected), Text(before));
        }
    }

    [Fact]
    public void One_more_dyno_is_one_transaction_and_a_rule_for_each_of_its_addresses()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        lab.AddDyno(10, 2, "a");
        var node = lab.Hosts[10];
        lab.Admit(node.AddPod(3), "a");
        node.Killing.Arm(int.MaxValue, after: false);

        node.Apply(lab.Facts(10));

        Assert.Equal(["Rules.Add", "Rules.Add", "Elements.Change"], node.Killing.Taken);
    }

    [Fact]
    public void A_takeover_is_one_transaction_at_each_node()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11, 12]);
        lab.Apply();
        foreach (var address in lab.Spaces.SelectMany(space => space.Addresses))
        {
            lab.Holders[address.Number] = 12;
        }

        foreach (var node in lab.Hosts.Values)
        {
            node.Killing.Arm(int.MaxValue, after: false);
        }

        lab.Apply();

        Assert.All(lab.Hosts.Values, node => Assert.Equal(["Elements.Change"], node.Killing.Taken));
    }

    /// <summary>A gateway that leaves the list forwards until the next one has announced itself.</summary>
    [Fact]
    public void An_address_that_a_node_still_serves_is_forwarded_by_it_although_it_left_the_list()
    {
        var facts = new EgressFacts
        {
            Own = 10,
            Nodes = [Node(10), Node(11)],
            Spaces = [new FixedIPSpace("a", [new FixedIP(EgressLab.FixedA, 1) { Gateways = [11] }], [])],
        };
        var before = EgressRules.Build(facts);
        Assert.DoesNotContain("chain to_fixed4", before.Chains, StringComparison.Ordinal);

        var serving = facts with { Served = [1] };
        var table = EgressRules.Build(serving, facts, before);

        Assert.Contains("chain to_fixed4", table.Chains, StringComparison.Ordinal);
        Assert.Equal(EgressRules.Build(serving).Replacement, table.Replacement);
    }

    /// <summary>The same rules as by a new table, and the same chains at hooks as before, whatever changes.</summary>
    [Fact]
    public void A_table_that_is_replaced_in_place_is_like_a_new_one_and_keeps_its_chains_at_hooks()
    {
        NetworkNamespace.Require();
        using var changed = new NetworkNamespace();
        using var fresh = new NetworkNamespace();
        var random = new Random(7);
        var facts = Some(random);
        var table = EgressRules.Build(facts);
        changed.Nft(table.Replacement);
        for (var i = 0; i < 20; i++)
        {
            for (var step = 0; step < 3; step++)
            {
                facts = Changed(facts, random);
            }

            var (keys, numbers) = (
                facts.Spaces.Select(space => space.Key).ToHashSet(),
                facts.Addresses.Select(address => address.Number).ToHashSet());
            facts = facts with
            {
                // The agent has no dynos of unknown spaces.
                Dynos =
                [
                    .. facts.Dynos.Where(dyno => keys.Contains(dyno.Space)
                        && (dyno.Number is not { } number || numbers.Contains(number))),
                ],
                IsNative = random.Next(2) == 0,
                PeerMacs = [new([2, 0, 0, 0, 0, (byte)i])],
            };
            var next = EgressRules.Build(facts);
            var before = Hooks(changed);
            changed.Nft(table.Objects.ReplacedBy(next.Definition));
            fresh.Nft(next.Replacement);
            table = next;

            Assert.Equal(Sorted(fresh), Sorted(changed));
            var after = Hooks(changed);
            Assert.All(
                before.Keys.Intersect(after.Keys), chain => Assert.Equal(before[chain], after[chain]));
            Assert.NotEmpty(before.Keys.Intersect(after.Keys));
        }

        static IEnumerable<string> Sorted(NetworkNamespace place) =>
            place.Nft($"list table {EgressTable.Table}").Split('\n').Order(StringComparer.Ordinal);

        // By name, with the number that the kernel gave it.
        static Dictionary<string, string> Hooks(NetworkNamespace place) =>
            NetworkNamespace.Run("ip", ["netns", "exec", place.Name, "nft", "-a", "list", "chains"]).Split('\n')
                .Index().Where(line => line.Item.Contains("chain ", StringComparison.Ordinal))
                .Select(line => line.Item.Trim().Split(' '))
                .Where(words => Hooked.Contains(words[1]))
                .ToDictionary(words => words[1], words => words[^1]);
    }

    private static readonly string[] Hooked =
    [
        "raw_in", "raw_out", "reroute", "gate_here", "pre", "input", "forwarding", "guard", "translate",
        "translate_here",
    ];

    private static EgressFacts Some(Random random) => new()
    {
        Own = 10,
        Nodes = [.. Enumerable.Range(10, 4).Select(Node)],
        Spaces = [.. Enumerable.Range(1, 5).Select(number => Space(number, random))],
        Uplinks = ["eth0"],
    };

    private static EgressFacts Changed(EgressFacts facts, Random random)
    {
        var numbers = facts.Addresses.Select(address => address.Number).ToList();
        return random.Next(10) switch
        {
            8 => facts with
            {
                Exits =
                [
                    .. new[] { LabHost.AddressOf(1), LabHost.Address6Of(1) }.Where(_ => random.Next(3) > 0)
                        .Select(router => new EgressExit(2, router, [new IPNetwork(router, 32)])),
                ],
            },
            0 => facts with
            {
                Spaces = [.. facts.Spaces.Where(_ => random.Next(3) > 0), Space(1 + random.Next(9), random)],
            },
            1 => facts with { Nodes = [.. Enumerable.Range(10, 1 + random.Next(5)).Select(Node)] },
            2 => facts with { Uplinks = [.. Enumerable.Range(0, 1 + random.Next(2)).Select(i => $"eth{i}")] },
            3 => facts with { Ways = numbers.ToImmutableDictionary(number => number, _ => 10 + random.Next(3)) },
            4 => facts with { Served = [.. numbers.Where(_ => random.Next(2) == 0)] },
            5 => facts with
            {
                Announced = facts.Served,
                AnnouncedOn = facts.Addresses.Select(address => address.Address).Distinct()
                    .ToImmutableDictionary(address => address, _ => 2),
            },
            6 => facts with { OwnAddresses = [.. facts.Addresses.Take(random.Next(2)).Select(item => item.Address)] },
            7 => facts with { Dynos = [.. facts.Dynos.Where(_ => random.Next(2) == 0)] },
            _ => facts with { Dynos = [.. facts.Dynos, Dyno(random.Next(200), facts, random)] },
        } is var changed && changed.Spaces.DistinctBy(space => space.Key).Count() == changed.Spaces.Length
            ? changed
            : facts;
    }

    private static TunnelNode Node(int number) =>
        new($"n{number}", number, [LabHost.AddressOf(number), LabHost.Address6Of(number)]);

    private static FixedIPSpace Space(int number, Random random) => new(
        $"s{number}",
        [
            .. new[] { new IPAddress([198, 51, 100, (byte)number]), IPAddress.Parse($"fd77::{number}") }
                .Select((address, i) => new FixedIP(address, (10 * number) + i)
                {
                    IsPresent = random.Next(3) == 0,
                    IsShared = number > 7,
                    Gateways = [.. Enumerable.Range(10, 3).Where(_ => random.Next(2) == 0)],
                    Ports = [new PortBlock(10 + random.Next(3), 20_000, 22_047)],
                }),
        ],
        [.. new[] { "10.244.0.0/16", "10.96.0.0/12", "fd10::/48" }.Take(random.Next(4)).Select(IPNetwork.Parse)]);

    private static EgressDyno Dyno(int index, EgressFacts facts, Random random)
    {
        var space = facts.Spaces[random.Next(facts.Spaces.Length)];
        return new EgressDyno(
            100 + index, $"v{index}", new IPAddress([10, 244, 10, (byte)index]), space.Key,
            random.Next(4) == 0 ? null : space.Addresses[0].Number);
    }

    /// <summary>A plan without its table.</summary>
    private static string Text(EgressPlan plan) => string.Join('\n', new[]
    {
        $"{plan.Own} {plan.Local} {plan.Mtu}",
        string.Join('\n', plan.Rules),
        string.Join('\n', plan.DynoRules),
        string.Join('\n', plan.Routed),
        string.Join('\n', plan.Announced),
        string.Join('\n', plan.Peers.Select(peer => $"{peer.Number} {peer.Address}")),
        string.Join('\n', plan.Backs),
        string.Join('\n', plan.Uplinks),
        string.Join('\n', plan.Backstops.Select(item => $"{item.Space} {string.Join(' ', item.Exempt)}")),
    });
}
