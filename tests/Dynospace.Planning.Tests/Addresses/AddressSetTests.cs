using CsCheck;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Tests.Addresses;

public sealed class AddressSetTests
{
    /// <summary>Blocks of one small network, so that they nest, touch and repeat often.</summary>
    private static readonly Gen<AddressBlock> SmallBlock =
        Gen.Select(Gen.Byte, Gen.Int[24, 32]).Select((last, prefix) => AddressBlock.Parse($"192.0.2.{last}/{prefix}"));

    [Theory]
    [InlineData("10.0.0.0/8 10.1.0.0/16", "10.0.0.0/8")]
    [InlineData("10.0.0.0/9 10.128.0.0/9", "10.0.0.0/8")]
    [InlineData("10.0.1.0/24 10.0.2.0/24", "10.0.1.0/24 10.0.2.0/24")]
    [InlineData("192.0.2.3 192.0.2.2 192.0.2.0/31", "192.0.2.0/30")]
    [InlineData("::/1 8000::/1", "::/0")]
    [InlineData("fd00::/8 10.0.0.0/8", "10.0.0.0/8 fd00::/8")]
    public void The_fewest_blocks_are_kept_in_order(string given, string fewest) =>
        Assert.Equal(fewest, string.Join(' ', AddressSet.Covering(given.Split(' ').Select(AddressBlock.Parse)).Blocks));

    [Fact]
    public void A_set_covers_exactly_what_it_was_made_of() =>
        SmallBlock.List[0, 12].Sample(blocks =>
        {
            var set = AddressSet.Covering(blocks);
            return Enumerable.Range(0, 256)
                .Select(last => AddressBlock.Parse($"192.0.2.{last}"))
                .All(address => blocks.Any(block => block.Contains(address)) == set.FirstCover(address) is not null);
        });

    [Fact]
    public void Equal_sets_have_equal_lists() =>
        SmallBlock.List[0, 12].Sample(blocks =>
        {
            var halves = blocks.SelectMany(block => block.Prefix == 32 ? [block] : Halves(block)).Reverse();
            return AddressSet.Covering(blocks).Blocks.SequenceEqual(AddressSet.Covering(halves).Blocks);
        });

    [Theory]
    [InlineData("0.0.0.0/0", "10.0.0.0/8", true)]
    [InlineData("0.0.0.0/0", "10.0.0.0/9", false)]
    [InlineData("0.0.0.0/0", "0.0.0.0/1", true)]
    [InlineData("10.1.0.0/16", "", false)]
    [InlineData("11.0.0.0/8", "", true)]
    public void A_range_avoids_a_set_when_its_exceptions_hold_all_of_it(string range, string exception, bool expected)
    {
        var forbidden = AddressSet.Covering([AddressBlock.Parse("10.0.0.0/8")]);
        AddressBlock[] exceptions = exception.Length == 0 ? [] : [AddressBlock.Parse(exception)];

        Assert.Equal(expected, forbidden.IsAvoidedBy(AddressBlock.Parse(range), exceptions));
    }

    private static AddressBlock[] Halves(AddressBlock block) =>
        [
            new(block.IsV6, block.First, block.Prefix + 1),
            new(block.IsV6, block.First | (UInt128.One << (31 - block.Prefix)), block.Prefix + 1),
        ];
}
