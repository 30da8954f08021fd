using Dynospace.Api.Spaces;
using Dynospace.Reachability;

namespace Dynospace.EndToEnd.Tests.Isolation;

public sealed class MatrixPageTests
{
    private const string Page = """
        # Who reaches whom

        Some words.

        ## Into the space

        | from \\ to       | web dyno TCP 5000 | worker UDP 4000 |
        | ---------------- | ----------------- | --------------- |
        | shared router    | yes 1             | no 2            |
        | dyno of the space| no 2              | no 2            |

        1. allowed: ingress by acme/router-to-web rule 0
        2. denied: no rule admits it

        ## Out

        | from \\ to | IPv4 TCP 443 |
        | ---------- | ------------ |
        | worker     | yes 1        |

        1. allowed: egress by acme/internet rule 0
        """;

    [Fact]
    public void A_page_is_read_cell_by_cell_each_with_what_decides() => Assert.Equal(
        [
            new("Into the space", "shared router", "web dyno", TransportPort.Tcp(
                5000), true, "allowed: ingress by acme/router-to-web rule 0"),
            new("Into the space", "shared router", "worker", TransportPort.Udp(
                4000), false, "denied: no rule admits it"),
            new("Into the space", "dyno of the space", "web dyno", TransportPort.Tcp(
                5000), false, "denied: no rule admits it"),
            new("Into the space", "dyno of the space", "worker", TransportPort.Udp(
                4000), false, "denied: no rule admits it"),
            new("Out", "worker", "IPv4", TransportPort.Tcp(443), true, "allowed: egress by acme/internet rule 0"),
        ],
        MatrixPage.Parse(Page));

    [Theory]
    [InlineData("yes 1", "some 1")]
    [InlineData("yes 1", "yes")]
    [InlineData("IPv4 TCP 443", "IPv4")]
    public void A_page_that_cannot_be_read_is_refused(string from, string to) =>
        Assert.Throws<FormatException>(() => MatrixPage.Parse(Page.Replace(from, to, StringComparison.Ordinal)));

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void Every_table_of_the_published_page_is_read(SpaceRuntime runtime) =>
        Assert.Equal(7, MatrixPage.Read(runtime).Select(cell => cell.Table).Distinct().Count());
}
