using Dynospace.Api.Egress;

namespace Dynospace.Planning.Egress;

/// <summary>What one node needs of the source ports of a fixed IP.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="HasDynos">Whether dynos there use the address.</param>
/// <param name="InUse">The number of its ports that connections use; null where its agent does not report.</param>
internal sealed record PortUse(string Node, bool HasDynos, int? InUse);

/// <summary>The blocks of a fixed IP, and what is short.</summary>
/// <param name="Blocks">The blocks, by first port.</param>
/// <param name="Without">Nodes with dynos for which no block is left.</param>
/// <param name="IsScarce">Whether more than half of all ports are in use, or a node that needs more gets none.</param>
internal sealed record PortPlan(
    IReadOnlyList<EgressPortBlock> Blocks, IReadOnlyList<string> Without, bool IsScarce);

/// <summary>
/// Divides the source ports of a fixed IP among nodes. A block stays where it is as long as its node is there, since
/// connections use it; it is taken back only when another node needs it and no connection of its own does. A node that
/// uses more than half of its ports gets as many again.
/// </summary>
internal static class PortBlocks
{
    /// <summary>The first port that is not privileged, and the last there is.</summary>
    public static (int First, int Last) Whole { get; } = (1024, 65_535);

    /// <summary>
    /// Where the address is a node's own: clear of the kubelet's and API server's ports, of NodePorts and of the ports
    /// from which Linux connects by default.
    /// </summary>
    public static (int First, int Last) OfNodeAddress { get; } = (17_408, 29_695);

    /// <param name="before">The blocks so far; those of nodes that are not in <paramref name="uses"/> are free.</param>
    /// <param name="uses">All nodes of the cluster that have blocks or need some.</param>
    /// <param name="range">The ports that may be given.</param>
    /// <param name="size">The number of ports of a block.</param>
    public static PortPlan Plan(
        IEnumerable<EgressPortBlock> before, IReadOnlyList<PortUse> uses, (int First, int Last) range, int size)
    {
        var byNode = uses.ToDictionary(use => use.Node, StringComparer.Ordinal);
        var blocks = Sound(before.Where(block => byNode.ContainsKey(block.Node)), range);
        var (without, isScarce) = (new List<string>(), false);
        foreach (var use in uses.Where(use => use.HasDynos).OrderBy(use => use.Node, StringComparer.Ordinal))
        {
            var has = blocks.Where(block => block.Node == use.Node).Sum(SizeOf);
            var lacks = has == 0 ? size : use.InUse * 2 > has ? has : 0;
            if (lacks > 0 && !TryAdd(use.Node, lacks))
            {
                isScarce = true;
                if (has == 0)
                {
                    without.Add(use.Node);
                }
            }
        }

        isScarce |= uses.Sum(use => (long)(use.InUse ?? 0)) * 2 > range.Last - range.First + 1;
        return new([.. blocks.OrderBy(block => block.First)], without, isScarce);

        bool TryAdd(string node, int ports)
        {
            for (var wanted = ports; wanted >= Math.Min(size, ports); wanted /= 2)
            {
                if (Gap(blocks, range, wanted, size) is { } first)
                {
                    blocks.Add(new() { Node = node, First = first, Last = first + wanted - 1 });
                    return true;
                }
            }

            // What no connection uses is given back, the largest first.
            var idle = blocks.Where(block => !byNode[block.Node].HasDynos && byNode[block.Node].InUse == 0)
                .OrderByDescending(SizeOf)
                .ThenBy(block => block.First)
                .FirstOrDefault();
            return idle is not null && blocks.Remove(idle) && TryAdd(node, ports);
        }
    }

    public static int SizeOf(EgressPortBlock block) => block.Last - block.First + 1;

    /// <summary>Blocks inside the range that overlap no earlier one. An edit by hand can make others.</summary>
    private static List<EgressPortBlock> Sound(IEnumerable<EgressPortBlock> blocks, (int First, int Last) range)
    {
        var sound = new List<EgressPortBlock>();
        foreach (var block in blocks.OrderBy(block => block.First))
        {
            if (block.First >= range.First && block.Last <= range.Last && block.First <= block.Last
                && (sound.Count == 0 || sound[^1].Last < block.First))
            {
                sound.Add(new() { Node = block.Node, First = block.First, Last = block.Last });
            }
        }

        return sound;
    }

    /// <summary>The first free place for so many ports, at a multiple of the block's size from the beginning.</summary>
    private static int? Gap(List<EgressPortBlock> blocks, (int First, int Last) range, int ports, int size)
    {
        for (var first = range.First; first + ports - 1 <= range.Last; first += size)
        {
            var last = first + ports - 1;
            if (blocks.TrueForAll(block => block.Last < first || block.First > last))
            {
                return first;
            }
        }

        return null;
    }
}
