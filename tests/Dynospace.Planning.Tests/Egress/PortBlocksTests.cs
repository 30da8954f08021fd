using CsCheck;
using Dynospace.Api.Egress;
using Dynospace.Planning.Egress;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>Blocks never overlap and never move, and grow before they are full.</summary>
public sealed class PortBlocksTests
{
    private const int Size = 2048;

    [Fact]
    public void A_node_with_dynos_gets_a_block() => Assert.Equal(
        ["a 1024-3071", "b 3072-5119"], Texts(Plan([], new("b", true, null), new("a", true, null))));

    [Fact]
    public void A_node_without_dynos_gets_none() => Assert.Empty(Plan([], new PortUse("a", false, null)).Blocks);

    [Theory]
    [InlineData(1024, 1)]
    [InlineData(1025, 2)]
    public void More_than_half_in_use_doubles_the_ports(int inUse, int blocks) => Assert.Equal(
        blocks, Plan([Block("a", 1024)], new PortUse("a", true, inUse)).Blocks.Count);

    [Fact]
    public void A_second_range_lies_elsewhere_where_the_next_one_is_taken()
    {
        var plan = Plan(
            [Block("a", 1024), Block("b", 3072)], new PortUse("a", true, 2000), new PortUse("b", true, 0));

        Assert.Equal(["a 1024-3071", "b 3072-5119", "a 5120-7167"], Texts(plan));
    }

    [Fact]
    public void Growth_takes_the_half_where_the_whole_does_not_fit()
    {
        var plan = PortBlocks.Plan(
            [Block("a", 1024, 4096), Block("b", 5120)],
            [new("a", true, 4000), new("b", true, 1)],
            (1024, 1024 + (4 * Size) - 1),
            Size);

        Assert.Equal(["a 1024-5119", "b 5120-7167", "a 7168-9215"], Texts(plan));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(null, false)]
    public void A_block_retires_for_another_node_only_without_a_connection(int? inUse, bool retires)
    {
        var plan = Full([Block("a", 1024)], new("a", false, inUse), new("b", true, null));

        Assert.Equal([retires ? "a 1024-3071 retiring" : "a 1024-3071"], Texts(plan));
        Assert.Equal(["b"], plan.Without);
        Assert.True(plan.IsScarce);
    }

    [Fact]
    public void A_block_is_anothers_only_after_its_node_has_released_it()
    {
        var retiring = Retiring("a", 1024);
        var needy = new PortUse("b", true, null);

        Assert.Equal(["a 1024-3071 retiring"], Texts(Full([retiring], new("a", false, 0), needy)));
        Assert.Equal(["b 1024-3071"], Texts(Full([retiring], new("a", false, 0) { Released = Ports(1024) }, needy)));
    }

    /// <summary>What was released before was released by a former owner, or is a report that is overdue.</summary>
    [Fact]
    public void A_report_of_an_earlier_time_releases_nothing() => Assert.Equal(
        ["a 1024-3071"],
        Texts(Full([Block("a", 1024)], new("a", false, 0) { Released = Ports(1024) }, new("b", true, null))));

    [Fact]
    public void A_retiring_block_does_not_come_back_and_another_one_is_given() => Assert.Equal(
        ["a 1024-3071 retiring", "a 3072-5119"], Texts(Plan([Retiring("a", 1024)], new PortUse("a", true, 5))));

    [Fact]
    public void A_node_without_dynos_gives_back_what_is_idle() => Assert.Equal(
        ["a 1024-3071 retiring", "a 3072-5119"],
        Texts(Plan([Block("a", 1024), Block("a", 3072)], new PortUse("a", false, 3) { Idle = Ports(1024) })));

    /// <summary>
    /// The last ones go first; one stays, and so much that the rest is not used by more than a quarter.
    /// </summary>
    [Theory]
    [InlineData(0, "a 1024-3071", "a 3072-5119 retiring", "a 5120-7167 retiring")]
    [InlineData(512, "a 1024-3071", "a 3072-5119 retiring", "a 5120-7167 retiring")]
    [InlineData(513, "a 1024-3071", "a 3072-5119", "a 5120-7167 retiring")]
    [InlineData(1025, "a 1024-3071", "a 3072-5119", "a 5120-7167")]
    [InlineData(null, "a 1024-3071", "a 3072-5119", "a 5120-7167")]
    public void A_node_with_dynos_gives_back_what_it_does_not_need(int? inUse, params string[] blocks) => Assert.Equal(
        blocks,
        Texts(Plan(
            [Block("a", 1024), Block("a", 3072), Block("a", 5120)],
            new PortUse("a", true, inUse) { Idle = Ports(1024, 3072, 5120) })));

    [Fact]
    public void An_unused_block_stays_while_there_is_room() => Assert.Equal(
        ["a 1024-3071", "b 3072-5119"],
        Texts(Plan([Block("a", 1024)], new("a", false, 0), new("b", true, null))));

    [Fact]
    public void The_block_of_a_node_that_is_gone_is_free() => Assert.Equal(
        ["b 1024-3071"], Texts(Plan([Block("gone", 1024)], new PortUse("b", true, null))));

    [Fact]
    public void Whole_has_room_for_31_nodes()
    {
        var plan = Plan([], [.. Enumerable.Range(0, 32).Select(i => new PortUse($"n{i:00}", true, 0))]);

        Assert.Equal(31, plan.Blocks.Count);
        Assert.Equal(["n31"], plan.Without);
    }

    [Fact]
    public void Use_above_half_of_all_ports_is_scarce() => Assert.True(PortBlocks.Plan(
        [Block("a", 1024), Block("b", 3072)],
        [new("a", false, 1500), new("b", false, 1500)],
        (1024, 1024 + (2 * Size) - 1),
        Size).IsScarce);

    [Fact]
    public void What_was_edited_by_hand_is_put_right() => Assert.Equal(
        ["a 1024-3071", "b 3072-5119"],
        Texts(Plan([Block("a", 1024), Block("b", 2048), Block("b", 99)], new("a", true, 0), new("b", true, 0))));

    /// <summary>A history of nodes that come, use ports and go.</summary>
    [Fact]
    public void Blocks_never_overlap_and_none_moves_while_it_is_used() =>
        Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Int[0, 4096]).Array[1, 8].List[1, 12].Sample(history =>
        {
            IReadOnlyList<EgressPortBlock> blocks = [];
            foreach (var step in history)
            {
                var uses = step.DistinctBy(use => use.Item1)
                    .Select(use => new PortUse($"n{use.Item1}", use.Item2, use.Item3)).ToList();
                uses.AddRange(blocks.Select(block => block.Node).Distinct()
                    .Where(node => uses.TrueForAll(use => use.Node != node))
                    .Select(node => new PortUse(node, false, 1)));
                var plan = PortBlocks.Plan(blocks, uses, (1024, 1024 + (12 * Size) - 1), Size);
                var used = blocks.Where(block => uses.Exists(
                    use => use.Node == block.Node && (use.HasDynos || use.InUse > 0)));
                if (!used.All(old => plan.Blocks.Any(
                        block => (block.Node, block.First, block.Last) == (old.Node, old.First, old.Last)))
                    || plan.Blocks.Zip(plan.Blocks.Skip(1)).Any(pair => pair.First.Last >= pair.Second.First)
                    || uses.Exists(use => use.HasDynos && !plan.Without.Contains(use.Node)
                        && plan.Blocks.All(block => block.Node != use.Node)))
                {
                    return false;
                }

                blocks = plan.Blocks;
            }

            return true;
        });

    /// <summary>
    /// Nodes see the plan late, and the operator sees their reports late: a port that two nodes may give to
    /// connections, or that one gives and another one's connection has, would bring packets to the wrong node.
    /// </summary>
    [Fact]
    public void No_port_is_used_by_two_nodes_whatever_is_late() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 2500]).List[1, 120].Sample(history =>
        {
            var range = (First: 1024, Last: 1024 + (6 * Size) - 1);
            IReadOnlyList<EgressPortBlock> spec = [];
            var nodes = Enumerable.Range(0, 4).Select(i => new LateNode($"n{i}")).ToList();
            foreach (var (action, index, amount) in history)
            {
                var node = nodes[index];
                switch (action)
                {
                    case 0:
                        node.HasDynos = !node.HasDynos;
                        break;
                    case 1:
                        node.View = spec;
                        node.Looks = 0;
                        break;
                    case 2:
                        node.Connect(amount);
                        break;
                    case 3:
                        node.Look();
                        break;
                    case 4:
                        node.Sent = node.Report;
                        break;
                    default:
                        spec = PortBlocks.Plan(
                            spec, [.. nodes.Select(item => item.Sent with { HasDynos = item.HasDynos })], range, Size)
                            .Blocks;
                        break;
                }

                var taken = nodes.SelectMany(item => item.Taken).ToList();
                if (taken.Count != taken.Distinct().Count())
                {
                    return false;
                }
            }

            return true;
        });

    /// <summary>A node's agent: what it knows, what its connections use, and what it says.</summary>
    private sealed class LateNode(string name)
    {
        private readonly Dictionary<int, int> _connections = [];

        public bool HasDynos { get; set; }

        /// <summary>The plan as its rules are.</summary>
        public IReadOnlyList<EgressPortBlock> View { get; set; } = [];

        public int Looks { get; set; }

        public PortUse Report { get; private set; } = new(name, false, null);

        public PortUse Sent { get; set; } = new(name, false, null);

        /// <summary>The blocks that it gives to connections, and those that connections of it have.</summary>
        public IEnumerable<int> Taken => Own.Where(block => block.Retiring != true).Select(block => block.First)
            .Concat(_connections.Keys).Distinct();

        private IEnumerable<EgressPortBlock> Own => View.Where(block => block.Node == name);

        /// <summary>Opens connections by all blocks that do not retire, or ends some.</summary>
        public void Connect(int amount)
        {
            var active = Own.Where(block => block.Retiring != true).ToList();
            foreach (var block in active.Where(_ => HasDynos && amount % 3 > 0))
            {
                _connections[block.First] = amount / active.Count;
            }

            if (amount % 3 == 0)
            {
                _connections.Clear();
            }
        }

        public void Look()
        {
            Looks++;
            var unused = Own.Where(block => !_connections.ContainsKey(block.First)).ToList();
            Report = new PortUse(name, HasDynos, _connections.Values.Sum())
            {
                Idle = unused.Where(block => block.Retiring != true).Select(block => block.First).ToHashSet(),
                Released = unused.Where(block => block.Retiring == true && Looks > 1).Select(block => block.First)
                    .ToHashSet(),
            };
        }
    }

    private static PortPlan Full(IReadOnlyList<EgressPortBlock> before, params PortUse[] uses) =>
        PortBlocks.Plan(before, uses, (1024, 1024 + Size - 1), Size);

    private static HashSet<int> Ports(params int[] first) => [.. first];

    private static EgressPortBlock Retiring(string node, int first) =>
        new() { Node = node, First = first, Last = first + Size - 1, Retiring = true };

    private static PortPlan Plan(IReadOnlyList<EgressPortBlock> before, params PortUse[] uses) =>
        PortBlocks.Plan(before, uses, PortBlocks.Whole, Size);

    private static EgressPortBlock Block(string node, int first, int size = Size) =>
        new() { Node = node, First = first, Last = first + size - 1 };

    private static IEnumerable<string> Texts(PortPlan plan) =>
        plan.Blocks.Select(block =>
            $"{block.Node} {block.First}-{block.Last}{(block.Retiring == true ? " retiring" : "")}");
}
