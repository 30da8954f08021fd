using System.Net;
using Dynospace.NodeAgent.Egress;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Another node gets a block only after this node has reported that it no longer uses it.</summary>
public sealed class BlockHistoryTests
{
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.10");
    private readonly BlockHistory _history = new();

    [Fact]
    public void A_block_is_idle_after_ten_minutes_without_a_connection()
    {
        Note(0, [1024], new PortBlock(1, 1024, 3071), new PortBlock(1, 3072, 5119));
        Note(9.9, [1024], new PortBlock(1, 1024, 3071), new PortBlock(1, 3072, 5119));
        Assert.Empty(_history.Idle);

        Note(10, [1024], new PortBlock(1, 1024, 3071), new PortBlock(1, 3072, 5119));
        Assert.Equal([(Address, 3072)], _history.Idle);

        Note(11, [1024, 3072], new PortBlock(1, 1024, 3071), new PortBlock(1, 3072, 5119));
        Assert.Empty(_history.Idle);
        Note(20.9, [1024], new PortBlock(1, 1024, 3071), new PortBlock(1, 3072, 5119));
        Assert.Empty(_history.Idle);
    }

    [Fact]
    public void A_retiring_block_is_released_after_two_looks_without_a_connection()
    {
        var active = new PortBlock(1, 1024, 3071);
        var retiring = active with { IsRetiring = true };
        Note(0, [], active);
        Note(1, [], active);
        Note(1.1, [], retiring);
        Assert.Empty(_history.Released);
        Assert.True(_history.IsReleasing);

        Note(1.2, [1024], retiring);
        Note(1.3, [], retiring);
        Assert.Empty(_history.Released);

        Note(1.4, [], retiring);
        Assert.Equal([(Address, 1024)], _history.Released);
        Assert.Empty(_history.Idle);
        Assert.False(_history.IsReleasing);
    }

    [Fact]
    public void A_block_that_another_node_has_is_no_longer_reported()
    {
        var retiring = new PortBlock(1, 1024, 3071) { IsRetiring = true };
        Note(0, [], retiring);
        Note(1, [], retiring);
        Note(2, [], new PortBlock(2, 1024, 3071));
        Assert.Empty(_history.Released);

        // The block returns to this node and retires again.
        Note(3, [], retiring);
        Assert.Empty(_history.Released);
    }

    private void Note(double minutes, int[] used, params PortBlock[] blocks) => _history.Note(
        new EgressFacts
        {
            Own = 1,
            Nodes = [],
            Spaces = [new FixedIPSpace("a", [new FixedIP(Address, 1) { Ports = [.. blocks] }], [])],
        },
        PortUsage.None with { Blocks = used.Select(first => (Address, first)).ToHashSet() },
        TimeSpan.FromMinutes(minutes));
}
