using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Tests.Addresses;

public sealed class AddressBlockTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("2001:DB8::1/32", "2001:db8::/32")]
    [InlineData("fd00:ec2::254", "fd00:ec2::254/128")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    public void A_range_is_read_and_written_in_canonical_form(string text, string canonical) =>
        Assert.Equal(canonical, AddressBlock.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("::/129")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/")]
    [InlineData("shop.example.com")]
    [InlineData("10/8")]
    [InlineData("010.0.0.1")]
    [InlineData("0x0a.0.0.1")]
    [InlineData("fe80::1%3/64")]
    public void What_is_not_a_range_is_refused(string text)
    {
        Assert.False(AddressBlock.TryParse(text, out _));
        Assert.Throws<FormatException>(() => AddressBlock.Parse(text));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", false)]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", true)]
    [InlineData("0.0.0.0/0", "::/0", false)]
    [InlineData("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true)]
    public void A_range_contains_what_lies_in_it(string outer, string inner, bool expected) =>
        Assert.Equal(expected, AddressBlock.Parse(outer).Contains(AddressBlock.Parse(inner)));

    [Fact]
    public void Nat64_gives_every_IPv4_range_an_IPv6_one() =>
        Assert.Equal("64:ff9b::a00:0/104", AddressBlock.Parse("10.0.0.0/8").ThroughNat64().ToString());
}
