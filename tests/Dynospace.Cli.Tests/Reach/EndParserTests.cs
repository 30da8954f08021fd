using Dynospace.Cli.Reach;
using Dynospace.Cli.Terminal;
using Dynospace.Reachability;
using Xunit;

namespace Dynospace.Cli.Tests.Reach;

public sealed class EndParserTests
{
    [Theory]
    [InlineData("shop.web.1", "Named", null, "shop.web.1", null)]
    [InlineData("acme/shop.web.1:8080", "Named", "acme", "shop.web.1", "8080")]
    [InlineData("shop:80", "Named", null, "shop", "80")]
    [InlineData("shop.worker.1:53/udp", "Named", null, "shop.worker.1", "53/udp")]
    [InlineData("pod/kube-system/coredns-x:53/UDP", "Pod", "kube-system", "coredns-x", "53/udp")]
    [InlineData("node/node-1:10250", "Node", null, "node-1", "10250")]
    [InlineData("peer/hq", "Peer", null, "hq", null)]
    [InlineData("router", "Router", null, "", null)]
    [InlineData("router-internal", "InternalRouter", null, "", null)]
    [InlineData("internet:80", "Internet", null, "", "80")]
    [InlineData("metadata", "Metadata", null, "", null)]
    [InlineData("203.0.113.9:443", "Address", null, "203.0.113.9", "443")]
    [InlineData("2001:db8::1", "Address", null, "2001:db8::1", null)]
    [InlineData("[2001:db8::1]:443", "Address", null, "[2001:db8::1]", "443")]
    [InlineData("[2001:db8::1]", "Address", null, "[2001:db8::1]", null)]
    public void Ends_are_read_as_people_write_them(string text, string kind, string? space, string name, string? port)
    {
        var end = EndParser.Parse(text);
        Assert.Equal(kind, end.Kind.ToString());
        Assert.Equal(space, end.Space);
        Assert.Equal(name, end.Name);
        Assert.Equal(
            port is null
                ? null
                : TransportPort.TryParse(port, out var expected) ? expected : throw new FormatException(port),
            end.Port);
    }

    [Theory]
    [InlineData("shop:many", "'many'")]
    [InlineData("shop:0", "'0'")]
    [InlineData("shop:53/icmp", "53/icmp")]
    [InlineData("pod/x", "pod/NAMESPACE/NAME")]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData("/x", "names nothing")]
    [InlineData("node/", "names nothing")]
    [InlineData(":5432", "names nothing")]
    public void What_is_not_an_end_is_refused_with_what_to_write(string text, string part) =>
        Assert.Contains(
            part, Assert.Throws<CliException>(() => EndParser.Parse(text)).Message, StringComparison.Ordinal);
}
