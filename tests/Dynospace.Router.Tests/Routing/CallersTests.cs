using System.Net;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Routing;

/// <summary>Who of the cluster is admitted: a dyno by its space's outbound IPs, all else as the internet.</summary>
public sealed class CallersTests
{
    private static readonly Callers Known = Callers.FromBooks(
        ["10.244.0.0/16", "10.0.0.11/32", "2001:db8:1::/64"],
        [
            Dyno("10.244.1.7", "203.0.113.10", "203.0.113.11"),
            Dyno("10.244.1.8", "203.0.113.10", "2001:db8:7::10"),
            Dyno("2001:db8:1::7", "2001:db8:7::10"),
        ]);

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.99", true, "a client of the range")]
    [InlineData("203.0.113.0/24", "192.0.2.1", false, "a client beside the range")]
    [InlineData("203.0.113.0/24", "10.244.1.7", true, "a dyno whose outbound IPs are all trusted")]
    [InlineData("203.0.113.0/24", "::ffff:10.244.1.7", true, "the same over a socket of IPv6")]
    [InlineData("203.0.113.10/32", "10.244.1.7", false, "a dyno of which one outbound IP is trusted")]
    [InlineData("203.0.113.10/32 203.0.113.11/32", "10.244.1.7", true, "each by a range of its own")]
    [InlineData("203.0.113.0/24", "10.244.1.8", false, "a dyno whose IPv6 address is not trusted")]
    [InlineData("203.0.113.0/24 2001:db8:7::/64", "10.244.1.8", true, "both families are trusted")]
    [InlineData("2001:db8:7::/64", "2001:db8:1::7", true, "a dyno over IPv6")]
    [InlineData("10.244.0.0/16", "10.244.1.7", false, "a dyno by the range of its own address")]
    [InlineData("10.244.0.0/16", "10.244.9.9", false, "an unknown pod by the range of its own address")]
    [InlineData("10.0.0.0/8", "10.0.0.11", false, "a node by the range of its own address")]
    [InlineData("10.0.0.0/8", "10.20.0.9", true, "a client of a private network beside the cluster")]
    [InlineData("0.0.0.0/0", "10.244.9.9", true, "an unknown pod where the internet is trusted")]
    [InlineData("0.0.0.0/1 128.0.0.0/1", "10.244.9.9", true, "the internet in two halves")]
    [InlineData("0.0.0.0/0", "10.244.1.8", true, "a dyno over IPv4 where the internet of IPv4 is trusted")]
    [InlineData("0.0.0.0/0", "2001:db8:1::9", false, "an unknown pod over IPv6 where that of IPv4 is")]
    [InlineData("::/0", "10.244.9.9", false, "an unknown pod over IPv4 where the internet of IPv6 is trusted")]
    [InlineData("::/0", "2001:db8:1::9", true, "an unknown pod over IPv6 where the internet of IPv6 is trusted")]
    [InlineData("", "10.244.1.7", false, "nobody is trusted")]
    public void Who_is_admitted(string trusted, string address, bool isAdmitted, string what) =>
        Assert.True(isAdmitted == Known.Admits(IPAddress.Parse(address), Ranges(trusted)), what);

    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.99", false)]
    [InlineData("10.0.0.0/8", "10.20.0.9", false)]
    [InlineData("0.0.0.0/0", "203.0.113.99", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    public void Where_the_cluster_is_unknown_no_range_narrower_than_the_internet_admits(
        string trusted, string address, bool isAdmitted) =>
        Assert.Equal(isAdmitted, Callers.Unknown.Admits(IPAddress.Parse(address), Ranges(trusted)));

    [Fact]
    public void Where_nobody_is_judged_the_ranges_alone_count()
    {
        Assert.True(Callers.NotJudged.Admits(IPAddress.Parse("10.244.1.7"), Ranges("10.244.0.0/16")));
        Assert.False(Callers.NotJudged.Admits(IPAddress.Parse("10.244.1.7"), Ranges("203.0.113.0/24")));
    }

    private static AddressRanges Ranges(string text) =>
        AddressRanges.Parse(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static KeyValuePair<IPAddress, IReadOnlyList<IPAddress>> Dyno(string address, params string[] outbound) =>
        KeyValuePair.Create<IPAddress, IReadOnlyList<IPAddress>>(
            IPAddress.Parse(address), [.. outbound.Select(IPAddress.Parse)]);
}
