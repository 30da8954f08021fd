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
    public void A_block_is_taken_back_only_for_another_and_only_without_a_connection(int? inUse, bool isTaken)
    {
        var plan = PortBlocks.Plan(
            [Block("a", 1024)], [new("a", false, inUse), new("b", true, null)], (1024, 1024 + Size - 1), Size);

        Assert.Equal(isTaken ? ["b 1024-3071"] : ["a 1024-3071"], Texts(plan));
        Assert.Equal(isTaken ? [] : ["b"], plan.Without);
        Assert.Equal(!isTaken, plan.IsScarce);
    }

    [Fact]
    public void An_idle_block_stays_while_there_is_room() => Assert.Equal(
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

    private static PortPlan Plan(IReadOnlyList<EgressPortBlock> before, params PortUse[] uses) =>
        PortBlocks.Plan(before, uses, PortBlocks.Whole, Size);

    private static EgressPortBlock Block(string node, int first, int size = Size) =>
        new() { Node = node, First = first, Last = first + size - 1 };

    private static IEnumerable<string> Texts(PortPlan plan) =>
        plan.Blocks.Select(block => $"{block.Node} {block.First}-{block.Last}");
}
