using CsCheck;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

public sealed class BlockClaimsTests
{
    private static readonly AddressRange Range = AddressRange.Parse("172.16.0.0/12");

    [Fact]
    public void A_block_is_cut_into_subnets_that_fill_it()
    {
        var block = new NodeBlock(AddressRange.Parse("172.16.4.0/23"));
        var slots = block.Slots.ToList();

        Assert.Equal((128, 128), (block.SlotCount, slots.Count));
        Assert.Equal(("172.16.4.0/30", "172.16.5.252/30"), (slots[0].ToString(), slots[^1].ToString()));
        Assert.Equal(CidrSet.FromRanges(block.Range), CidrSet.FromRanges(slots));
        Assert.All(slots, slot => Assert.Equal(slot, NodeBlock.SlotOf(slot.Last)));
    }

    [Theory]
    [InlineData("172.16.4.0/31")]
    [InlineData("2001:db8::/64")]
    public void Not_every_range_is_a_block(string range) =>
        Assert.Throws<ArgumentException>(() => new NodeBlock(AddressRange.Parse(range)));

    [Fact]
    public void A_free_block_is_found_wherever_the_search_begins() => Gen.Select(
        Gen.Int[0, 2047].HashSet[0, 60], Gen.UInt).Sample((taken, start) =>
    {
        var claims = taken.Select(index => Claim($"n{index}", NodeBlock.At(Range, 23, index).Range, 0)).ToList();

        var block = BlockClaims.Choose(Range, 23, claims, start);

        Assert.NotNull(block);
        Assert.True(Range.Contains(block.Range));
        Assert.Equal(23, block.Range.PrefixLength);
        Assert.DoesNotContain(claims, claim => claim.Block.Overlaps(block.Range));
    });

    [Fact]
    public void The_last_block_is_found_and_after_it_none()
    {
        var range = AddressRange.Parse("172.16.0.0/20");
        var claims = Enumerable.Range(0, 7)
            .Select(i => Claim($"n{i}", NodeBlock.At(range, 23, i).Range, 0))
            .ToList();

        Assert.Equal("172.16.14.0/23", BlockClaims.Choose(range, 23, claims, 3)?.ToString());
        Assert.Null(
            BlockClaims.Choose(range, 23, [.. claims, Claim("n7", AddressRange.Parse("172.16.14.0/24"), 0)], 3));
    }

    /// <summary>Whatever order they are seen in, every node comes to the same conclusion.</summary>
    [Fact]
    public void Of_claims_that_overlap_the_oldest_holds() => Gen.Select(
        Gen.Select(Gen.Int[0, 7], Gen.Int[22, 24], Gen.Int[0, 3]).List[1, 12], Gen.Int).Sample((drawn, seed) =>
    {
        var claims = drawn.Select((item, number) => Claim(
            $"n{number}",
            NodeBlock.At(Range, item.Item2, item.Item1).Range,
            item.Item3)).ToList();

        var holding = BlockClaims.Holding(claims);

        Assert.Equal(holding, BlockClaims.Holding(claims.OrderBy(claim => HashCode.Combine(claim.Node, seed))));
        Assert.All(claims.Except(holding), loser => Assert.Contains(
            holding, winner => winner.Block.Overlaps(loser.Block) && winner.Created <= loser.Created));
        for (var i = 0; i < holding.Count; i++)
        {
            Assert.DoesNotContain(holding.Skip(i + 1), other => other.Block.Overlaps(holding[i].Block));
        }
    });

    private static BlockClaim Claim(string node, AddressRange block, int second) =>
        new(node, block, DateTimeOffset.UnixEpoch.AddSeconds(second), node);
}
