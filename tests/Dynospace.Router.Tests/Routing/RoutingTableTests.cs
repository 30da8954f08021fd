using System.Net;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Routing;

public sealed class RoutingTableTests
{
    [Theory]
    [InlineData("198.51.100.7", true)]
    [InlineData("::ffff:198.51.100.7", true)]
    [InlineData("198.51.101.7", false)]
    [InlineData("2001:db8::1", true)]
    [InlineData("2001:db9::1", false)]
    public void An_address_is_trusted_when_a_range_holds_it(string address, bool trusted) =>
        Assert.Equal(
            trusted, AddressRanges.Parse(["198.51.100.0/24", "2001:db8::/32"]).Contains(IPAddress.Parse(address)));

    [Fact]
    public void No_ranges_admit_nobody() => Assert.False(AddressRanges.Nobody.Contains(IPAddress.Loopback));

    [Fact]
    public void Everybody_is_both_families()
    {
        Assert.True(AddressRanges.Everybody.Contains(IPAddress.Loopback));
        Assert.True(AddressRanges.Everybody.Contains(IPAddress.IPv6Loopback));
    }

    [Fact]
    public void A_change_is_announced_after_the_swap()
    {
        var table = new RoutingTable();
        var next = RoutingSnapshot.Empty with { TrustedRanges = AddressRanges.Everybody };
        RoutingSnapshot? seen = null;
        table.Changed += (_, _) => seen = table.Current;

        table.Publish(next);

        Assert.Same(next, seen);
    }
}
