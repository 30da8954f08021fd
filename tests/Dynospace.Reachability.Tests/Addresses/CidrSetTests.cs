using System.Net;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Tests.Addresses;

public sealed class CidrSetTests
{
    [Theory]
    [InlineData("10.0.0.0/9,10.128.0.0/9", "10.0.0.0/8")]
    [InlineData("10.0.0.0/8,10.1.0.0/16", "10.0.0.0/8")]
    [InlineData("10.0.1.0/24,10.0.2.0/24", "10.0.1.0/24, 10.0.2.0/24")]
    [InlineData("::/1,8000::/1", "::/0")]
    [InlineData("fd00::/8,10.0.0.0/8", "10.0.0.0/8, fd00::/8")]
    [InlineData("255.255.255.255/32,255.255.255.254/32", "255.255.255.254/31")]
    [InlineData("", "")]
    public void A_set_prints_its_fewest_canonical_ranges(string ranges, string canonical) =>
        Assert.Equal(canonical, Set(ranges).ToString());

    [Theory]
    [InlineData("10.0.0.0/30", "10.0.0.1/32", "10.0.0.0/32, 10.0.0.2/31")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", "")]
    [InlineData("10.0.0.0/8", "0.0.0.0/0", "")]
    [InlineData("10.0.0.0/8", "::/0", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/1,192.0.0.0/2", "128.0.0.0/2")]
    [InlineData("::/0", "::/1", "8000::/1")]
    [InlineData("::/0", "8000::/1", "::/1")]
    [InlineData("10.0.0.0/29", "10.0.0.0/32,10.0.0.7/32", "10.0.0.1/32, 10.0.0.2/31, 10.0.0.4/31, 10.0.0.6/32")]
    public void Subtraction_leaves_the_rest(string left, string right, string rest) =>
        Assert.Equal(rest, Set(left).Except(Set(right)).ToString());

    [Fact]
    public void The_internet_without_private_ranges_holds_none_of_them()
    {
        var reserved = Set("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10");
        var internet = CidrSet.Everything.Except(reserved);

        Assert.True(internet.Contains(IPAddress.Parse("203.0.113.1")));
        Assert.True(internet.Contains(IPAddress.Parse("172.32.0.0")));
        Assert.True(internet.Contains(IPAddress.Parse("2001:db8::1")));
        Assert.False(internet.Contains(IPAddress.Parse("169.254.169.254")));
        Assert.False(internet.Contains(IPAddress.Parse("::ffff:169.254.169.254")));
        Assert.False(internet.Overlaps(reserved));
        Assert.Equal(CidrSet.Everything, internet.Union(reserved));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", true)]
    [InlineData("10.0.0.0/9,10.128.0.0/9", "10.0.0.0/8", true)]
    [InlineData("10.0.0.0/9", "10.0.0.0/8", false)]
    [InlineData("0.0.0.0/0", "fd00::/8", false)]
    public void A_set_contains_a_range_that_several_of_its_parts_make_up(string set, string range, bool contained) =>
        Assert.Equal(contained, Set(set).Contains(AddressRange.Parse(range)));

    [Fact]
    public void Intersection_keeps_what_both_hold() =>
        Assert.Equal(
            "10.1.0.0/16, fd00::/16",
            Set("10.0.0.0/8,fd00::/8").Intersect(Set("10.1.0.0/16,fd00::/16,192.0.2.0/24")).ToString());

    private static CidrSet Set(string ranges) =>
        CidrSet.FromRanges(ranges.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(AddressRange.Parse));
}
