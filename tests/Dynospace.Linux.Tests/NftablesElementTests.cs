using Dynospace.Linux.Filtering;

namespace Dynospace.Linux.Tests;

/// <summary>Elements that are written by netlink, as nftables' own program reads them.</summary>
public sealed class NftablesElementTests
{
    private const string Table = """
        table inet test {
         chain there { }
         set marks { type mark . ipv4_addr; elements = { 0x1 . 10.0.0.1 } }
         map links { type iface_index . ipv6_addr : verdict; }
         map ways { type mark : mark; elements = { 0x1 : 0x10 } }
        }
        """;

    [Theory]
    [InlineData("type mark;", true)]
    [InlineData("type mark . ipv4_addr;", true)]
    [InlineData("type iface_index . ipv6_addr : verdict;", true)]
    [InlineData("type mark : mark;", true)]
    [InlineData("type ifname;", false)]
    [InlineData("type ipv4_addr; flags interval; auto-merge;", false)]
    [InlineData("typeof ip daddr . th dport : meta mark; flags interval;", false)]
    public void Elements_of_fixed_length_can_be_written(string definition, bool canBe) =>
        Assert.Equal(canBe, ElementFormat.Find(definition) is not null);

    [Fact]
    public void What_is_written_is_what_nftables_shows()
    {
        using var place = new Place();
        var shown = place.Namespace.Run(() =>
        {
            using var nftables = new NftablesLibrary();
            using var elements = new NftablesElementSocket();
            nftables.Run(Table);
            elements.Change("test",
            [
                Change("marks", "type mark . ipv4_addr;", ["0x1 . 10.0.0.1"], ("0x42000002 . 10.0.0.2", null)),
                Change("links", "type iface_index . ipv6_addr : verdict;", [], ("1 . fd00::1", "goto there")),
                Change("ways", "type mark : mark;", ["0x1"], ("0x1", "0x400b0001")),
            ]);
            return nftables.Run("list table inet test");
        });

        Assert.Contains("elements = { 0x42000002 . 10.0.0.2 }", shown, StringComparison.Ordinal);
        Assert.Contains("elements = { \"lo\" . fd00::1 : goto there }", shown, StringComparison.Ordinal);
        Assert.Contains("elements = { 0x00000001 : 0x400b0001 }", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_are_one_transaction_and_one_that_is_refused_leaves_all_as_it_was()
    {
        using var place = new Place();
        place.Namespace.Run(() =>
        {
            using var nftables = new NftablesLibrary();
            using var elements = new NftablesElementSocket();
            nftables.Run(Table);
            var many = Enumerable.Range(2, 1000).Select(number => ($"{number}", (string?)"0x10")).ToArray();
            elements.Change("test", [Change("ways", "type mark : mark;", [], many)]);
            var before = nftables.Run("list table inet test");

            Assert.Contains("0x000003e9 : 0x00000010", before, StringComparison.Ordinal);
            Assert.Throws<NftablesException>(() => elements.Change("test",
            [
                Change("ways", "type mark : mark;", ["0x2"]),
                Change("marks", "type mark . ipv4_addr;", ["0x9 . 10.0.0.9"], ("0x3 . 10.0.0.3", null)),
            ]));
            Assert.Equal(before, nftables.Run("list table inet test"));

            // The answers to what was refused are not taken for those to what follows.
            elements.Change("test", [Change("ways", "type mark : mark;", ["0x2"])]);
            Assert.NotEqual(before, nftables.Run("list table inet test"));
        });
    }

    private static ElementChange Change(
        string set, string definition, string[] deleted, params (string Key, string? Value)[] added) => new(
        set, ElementFormat.Find(definition)!, deleted,
        [.. added.Select(item => KeyValuePair.Create(item.Key, item.Value))]);
}
