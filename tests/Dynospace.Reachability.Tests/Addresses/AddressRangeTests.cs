using System.Net;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Tests.Addresses;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0", "10.255.255.255")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("192.0.2.7/32", "192.0.2.7", "192.0.2.7")]
    [InlineData("172.16.0.4/30", "172.16.0.4", "172.16.0.7")]
    [InlineData("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("2001:db8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::1/128", "fd00::1", "fd00::1")]
    public void A_range_reaches_from_its_first_to_its_last_address(string text, string first, string last)
    {
        var range = AddressRange.Parse(text);

        Assert.Equal(IPAddress.Parse(first), range.First);
        Assert.Equal(IPAddress.Parse(last), range.Last);
        Assert.Equal(text, range.ToString());
        Assert.Equal(range, AddressRange.FromNetwork(range.ToIPNetwork()));
    }

    [Theory]
    [InlineData("10.0.0.1/8", "write 10.0.0.0/8 for the network or 10.0.0.1/32 for the address")]
    [InlineData("2001:db8::1/64", "write 2001:db8::/64 for the network")]
    [InlineData("10.0.0.0", "is not a CIDR range")]
    [InlineData("", "is not a CIDR range")]
    [InlineData(null, "is not a CIDR range")]
    [InlineData("10.0.0.0/33", "needs a prefix length from 0 to 32")]
    [InlineData("::/129", "needs a prefix length from 0 to 128")]
    [InlineData("10.0.0.0/08", "needs a prefix length")]
    [InlineData("10.0.0.0/+8", "needs a prefix length")]
    [InlineData("10.0.0.0/", "needs a prefix length")]
    [InlineData("10.0.0.0/8/8", "needs a prefix length")]
    [InlineData("10.0.0/8", "is not an IP address")]
    [InlineData("0x0a.0.0.0/8", "is not an IP address")]
    [InlineData("10.0.0.256/32", "is not an IP address")]
    [InlineData(" 10.0.0.0/8", "is not an IP address")]
    [InlineData("[::]/0", "is not an IP address")]
    [InlineData("fe80::1%eth0/128", "is not an IP address")]
    [InlineData("1::2::3/128", "is not an IP address")]
    [InlineData("010.0.0.0/8", "has a leading zero")]
    [InlineData("::ffff:10.0.0.0/104", "write 10.0.0.0")]
    [InlineData("example.com/8", "is not an IP address")]
    public void What_is_not_a_canonical_range_is_refused_with_a_remedy(string? text, string problem)
    {
        Assert.False(AddressRange.TryParse(text, out var range, out var said));

        Assert.Null(range);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_names_the_value()
    {
        var exception = Assert.Throws<FormatException>(() => AddressRange.Parse("10.0.0.1/8"));

        Assert.StartsWith("'10.0.0.1/8' has host bits set", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1/8", "10.0.0.0/8")]
    [InlineData("2001:db8::1/64", "2001:db8::/64")]
    [InlineData("10.1.2.3/0", "0.0.0.0/0")]
    public void The_masked_form_ignores_bits_behind_the_prefix(string text, string canonical)
    {
        Assert.True(AddressRange.TryParseMasked(text, out var range, out _));
        Assert.Equal(canonical, range.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true, true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false, true)]
    [InlineData("10.0.0.0/9", "10.128.0.0/9", false, false)]
    [InlineData("0.0.0.0/0", "10.0.0.0/8", true, true)]
    [InlineData("0.0.0.0/0", "::/0", false, false)]
    [InlineData("::/0", "0.0.0.0/0", false, false)]
    [InlineData("fd00::/8", "fd12::/16", true, true)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true, true)]
    public void Ranges_contain_or_overlap(string left, string right, bool contains, bool overlaps)
    {
        var (a, b) = (AddressRange.Parse(left), AddressRange.Parse(right));

        Assert.Equal(contains, a.Contains(b));
        Assert.Equal(overlaps, a.Overlaps(b));
        Assert.Equal(overlaps, b.Overlaps(a));
    }

    [Theory]
    [InlineData("10.0.0.0/30", "10.0.0.3", true)]
    [InlineData("10.0.0.0/30", "10.0.0.4", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("::/0", "10.0.0.1", false)]
    [InlineData("0.0.0.0/0", "::1", false)]
    public void A_range_contains_addresses_of_its_family_only(string range, string address, bool contained) =>
        Assert.Equal(contained, AddressRange.Parse(range).Contains(IPAddress.Parse(address)));
}
