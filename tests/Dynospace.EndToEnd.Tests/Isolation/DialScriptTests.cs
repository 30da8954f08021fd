using System.Diagnostics;
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

    /// <summary>What busybox's nslookup prints for each kind of answer, and for none.</summary>
    [Theory]
    [InlineData("Server: 10.96.0.10\nAddress: 10.96.0.10:53\n\n** server can't find matrix.invalid.: NXDOMAIN", true)]
    [InlineData("Server: 10.96.0.10\nAddress: 10.96.0.10:53\n\n** server can't find matrix.invalid.: SERVFAIL", true)]
    [InlineData("Server: 10.96.0.10\nAddress: 10.96.0.10:53\n\n** server can't find matrix.invalid.: REFUSED", true)]
    [InlineData("Server: 10.96.0.10\n\nNon-authoritative answer:\n\n*** Can't find matrix.invalid.: No answer", true)]
    [InlineData("Server: 10.0.0.1\n\nNon-authoritative answer:\nName: matrix.invalid\nAddress: 192.0.2.53", true)]
    [InlineData(";; connection timed out; no servers could be reached", false)]
    [InlineData("nslookup: read: Connection refused\n;; connection timed out; no servers could be reached", false)]
    [InlineData("nslookup: write to '10.0.0.1': Network is unreachable", false)]
    [InlineData("nslookup: bad address '10.0.0.1'", false)]
    [InlineData("nslookup: can't connect to remote host (10.0.0.1): Permission denied", false)]
    [InlineData("", false)]
    public async Task Every_answer_of_a_name_server_counts_and_silence_does_not(string printed, bool isAnswer)
    {
        var script = DialScript.For([("10.0.0.1", TransportPort.Udp(53))], ownPort: null, TimeSpan.Zero);
        var start = new ProcessStartInfo(
            "sh", ["-c", $"busybox() {{ [ \"$1\" != nslookup ] || printf %s \"$PRINTED\"; }}\n{script}"])
        {
            RedirectStandardOutput = true,
            Environment = { ["PRINTED"] = printed },
        };

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal([isAnswer], DialScript.Outcomes(output, 1, dialsItself: false));
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
