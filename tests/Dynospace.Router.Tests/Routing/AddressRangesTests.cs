using System.Net;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Routing;

public sealed class AddressRangesTests
{
    [Theory]
    [InlineData("198.51.100.0/24", "198.51.100.7", true)]
    [InlineData("198.51.100.0/24", "::ffff:198.51.100.7", true)]
    [InlineData("198.51.100.0/24", "198.51.101.7", false)]
    [InlineData("198.51.100.0/24", "2001:db8::7", false)]
    [InlineData("198.51.100.9/24", "198.51.100.7", true)]
    [InlineData("0.0.0.0/0", "198.51.100.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::7", false)]
    [InlineData("2001:db8::/32", "2001:db8::7", true)]
    [InlineData("2001:db8::/32", "2001:db9::7", false)]
    [InlineData("2001:db8::/32", "198.51.100.7", false)]
    [InlineData("2001:db8::7/128", "2001:db8::7", true)]
    [InlineData("::/0", "2001:db8::7", true)]
    [InlineData("::/0", "198.51.100.7", false)]
    [InlineData("::ffff:198.51.100.0/120", "198.51.100.7", true)]
    [InlineData("::ffff:198.51.100.0/120", "::ffff:198.51.100.7", true)]
    [InlineData("::ffff:198.51.100.0/120", "198.51.101.7", false)]
    public void A_range_is_of_one_family(string range, string address, bool isIn) =>
        Assert.Equal(isIn, AddressRanges.Parse([range]).Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("198.51.100.0/33")]
    [InlineData("everybody")]
    public void What_is_not_a_range_is_refused_with_its_text(string range) =>
        Assert.Contains(
            $"'{range}' is not a CIDR range", Assert.Throws<FormatException>(
                () => AddressRanges.Parse([range])).Message, StringComparison.Ordinal);
}
