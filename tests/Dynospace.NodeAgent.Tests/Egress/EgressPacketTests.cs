using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

public sealed class EgressPacketTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task The_outside_sees_the_fixed_ip_of_the_space_and_nothing_else()
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab([10], [11]);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        var a = lab.AddDyno(10, 2, "a");
        var b = lab.AddDyno(10, 3, "b");

        Assert.Equal("198.51.100.201", await OutsideWorld.AskTcpAsync(a, "a", EgressLab.Outside));
        Assert.Equal("198.51.100.201", await OutsideWorld.AskUdpAsync(a, "a", EgressLab.Outside));
        Assert.True(await OutsideWorld.PingAsync(a, "a", EgressLab.Outside));
        Assert.Equal("198.51.100.203", await OutsideWorld.AskTcpAsync(b, "b", EgressLab.Outside));

        output.WriteLine(outside.Describe());
        Assert.Equal([EgressLab.FixedA], outside.SourcesOf("a"));
        Assert.Equal([EgressLab.FixedB], outside.SourcesOf("b"));
    }
}
