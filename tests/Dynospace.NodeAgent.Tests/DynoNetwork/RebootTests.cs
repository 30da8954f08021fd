using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;

namespace Dynospace.NodeAgent.Tests.DynoNetwork;

/// <summary>A node that comes up again with an empty kernel, and with what is on its disk.</summary>
public sealed class RebootTests
{
    private static readonly TimeSpan LongAgo = TimeSpan.FromHours(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Containers start before agents: until the rules stand no pod gets an address.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_is_made_again_and_no_pod_starts_before(bool hasIPv6)
    {
        await using var nodes = await StartAsync(hasIPv6);
        var block = (await nodes[0].SettleAsync()).Block;
        var (former, other) = (await nodes[0].AddPodAsync(), await nodes[1].AddPodAsync());
        await ReachAsync(former, other);

        await nodes.RebootAsync(0, keepsState: false);

        Assert.NotNull(new FileInfo(nodes[0].ConfigurationFile).LinkTarget);
        await Assert.ThrowsAsync<FileNotFoundException>(nodes[0].AddPodAsync);

        Assert.Equal(block, (await nodes[0].SettleAsync()).Block);
        var next = await nodes[0].AddPodAsync();
        // The address of one that is gone is free at once.
        Assert.Equal(former.Address, next.Address);
        await ReachAsync(next, other);
        Assert.Contains("chain source", nodes[0].Table(), StringComparison.Ordinal);
        Assert.NotNull(nodes[0].Place.Run(() =>
        {
            using var stack = Linux.Networking.NetworkStack.Open();
            return stack.Links.Find(KernelFacts.TunnelName);
        }));
    }

    /// <summary>The folder of reservations may be on the disk: what is reserved there is nobody's.</summary>
    [Fact]
    public async Task Reservations_that_outlive_a_reboot_are_freed()
    {
        await using var nodes = await StartAsync(hasIPv6: true);
        var block = (await nodes[0].SettleAsync()).Block;
        await nodes[0].AddPodAsync();
        await nodes[0].AddPodAsync();
        var other = await nodes[1].AddPodAsync();
        Assert.Equal(4, nodes[0].Reservations.Count());

        await nodes.RebootAsync(0, keepsState: true);
        foreach (var name in nodes[0].Reservations)
        {
            File.SetLastWriteTimeUtc(
                Path.Combine(nodes[0].Options.ReservationFolder, CniConfiguration.Network, name),
                DateTime.UnixEpoch + LongAgo);
        }

        Assert.Equal(block, (await nodes[0].SettleAsync()).Block);
        Assert.Empty(nodes[0].Reservations);
        var next = await nodes[0].AddPodAsync();
        Assert.Equal(
            new[] { next.Address.ToString(), next.Address6!.ToString() }.Order(StringComparer.Ordinal),
            nodes[0].Reservations.Order(StringComparer.Ordinal));
        await ReachAsync(next, other);
    }

    private static async Task<DynoNodes> StartAsync(bool hasIPv6)
    {
        var nodes = await DynoNodes.StartAsync(2, isShared: false, Token);
        for (var i = 0; i < 2; i++)
        {
            nodes[i].Options = nodes[i].Options with { Range6 = hasIPv6 ? AddressRange.Parse("fd79::/64") : null };
            await nodes[i].SettleAsync();
        }

        return nodes;
    }

    private static async Task ReachAsync(DynoPod a, DynoPod b)
    {
        Assert.Equal(a.Address, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address));
        Assert.Equal(b.Address, await DynoNode.SendAsync(b.Place, null, a.Place, a.Address));
        if (a.Address6 is not null)
        {
            Assert.Equal(a.Address6, await DynoNode.SendAsync(a.Place, null, b.Place, b.Address6!));
            Assert.Equal(b.Address6, await DynoNode.SendAsync(b.Place, null, a.Place, a.Address6));
        }
    }
}
