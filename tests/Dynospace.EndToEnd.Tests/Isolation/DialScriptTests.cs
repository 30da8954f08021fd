using Dynospace.Reachability;

namespace Dynospace.EndToEnd.Tests.Isolation;

public sealed class DialScriptTests
{
    [Fact]
    public void Each_target_is_dialled_by_its_protocol()
    {
        var script = DialScript.For(
            [("172.16.0.2", TransportPort.Tcp(5000)), ("10.96.0.10", TransportPort.Udp(53))], 5000, TimeSpan.Zero);

        Assert.Contains(
            "tcp -1 127.0.0.1 5000 &\ntcp 0 172.16.0.2 5000 &\nudp 1 10.96.0.10 53 &\nwait\n",
            script,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_are_put_in_the_order_of_the_targets() =>
        Assert.Equal([true, false, true], DialScript.Outcomes("2 yes\n-1 yes\n1 no\n0 yes\n", 3, dialsItself: true));

    [Theory]
    [InlineData("0 no\n1 no\n-1 no\n")] // it cannot even reach itself
    [InlineData("0 no\n-1 yes\n")]
    [InlineData("")]
    public void An_end_that_cannot_dial_has_seen_nothing(string output) =>
        Assert.Throws<InvalidOperationException>(() => DialScript.Outcomes(output, 2, dialsItself: true));
}
