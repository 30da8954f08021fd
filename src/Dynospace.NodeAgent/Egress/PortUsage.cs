using System.Collections.Immutable;
using System.Net;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The ports in use by connections of this node's dynos.</summary>
/// <param name="Connections">By fixed IP, the number of connections.</param>
/// <param name="Blocks">The blocks, by fixed IP and first port, that are in use.</param>
internal sealed record PortUsage(
    IReadOnlyDictionary<IPAddress, int> Connections, IReadOnlySet<(IPAddress Address, int First)> Blocks)
{
    public static PortUsage None { get; } = new(
        ImmutableDictionary<IPAddress, int>.Empty, ImmutableHashSet<(IPAddress Address, int First)>.Empty);
}

/// <summary>
/// Determines from connection counts which blocks of this node are idle, and which retiring blocks are released. A
/// released block is assigned to another node, so it must be unused in two counts: the first may miss a connection
/// whose port was assigned by the previous rules.
/// </summary>
internal sealed class BlockHistory
{
    private const int Looks = 2;

    private static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(10);

    private Dictionary<(IPAddress Address, PortBlock Block), (TimeSpan Since, int Looks)> _unused = [];

    /// <summary>By fixed IP and first port, the blocks unused for ten minutes.</summary>
    public ImmutableArray<(IPAddress Address, int First)> Idle { get; private set; } = [];

    /// <summary>
    /// By fixed IP and first port, the retiring blocks that are unused and no longer assigned by the rules.
    /// </summary>
    public ImmutableArray<(IPAddress Address, int First)> Released { get; private set; } = [];

    /// <summary>Whether a retiring block may be released at the next count.</summary>
    public bool IsReleasing => _unused.Any(item => item.Key.Block.IsRetiring && item.Value.Looks is > 0 and < Looks);

    /// <param name="facts">The input of the kernel's rules.</param>
    /// <param name="used">The counts since the rules were written.</param>
    public void Note(EgressFacts facts, PortUsage used, TimeSpan now)
    {
        _unused = (
            from address in facts.Addresses
            from block in address.Ports
            where block.Node == facts.Own
            let before = _unused.TryGetValue((address.Address, block), out var known) ? known : (Since: now, Looks: 0)
            select (
                Key: (address.Address, block),
                Value: used.Blocks.Contains((address.Address, block.First))
                    ? (now, 0)
                    : (before.Since, before.Looks + 1)))
            .DistinctBy(item => item.Key)
            .ToDictionary(item => item.Key, item => item.Value);
        Idle = Where(item => !item.Key.Block.IsRetiring && now - item.Value.Since >= IdleAfter);
        Released = Where(item => item.Key.Block.IsRetiring && item.Value.Looks >= Looks);
    }

    private ImmutableArray<(IPAddress Address, int First)> Where(
        Func<KeyValuePair<(IPAddress Address, PortBlock Block), (TimeSpan Since, int Looks)>, bool> isMeant) =>
        [.. _unused.Where(isMeant).Select(item => (item.Key.Address, item.Key.Block.First))];
}
