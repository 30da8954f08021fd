using Dynospace.Api.Egress;

namespace Dynospace.Planning.Egress;

/// <summary>The need of one node for source ports of a fixed IP.</summary>
/// <param name="Node">The name of the node.</param>
/// <param name="HasDynos">Whether dynos there use the address.</param>
/// <param name="InUse">The number of its ports that connections use; null if its agent does not report.</param>
internal sealed record PortUse(string Node, bool HasDynos, int? InUse)
{
    public PortUse(string node, bool hasDynos, NodeEgress? report, string address)
        : this(node, hasDynos, null)
    {
        if (report is not null)
        {
            // An agent whose report does not mention the address uses none of its ports.
            var use = report.Uses?.FirstOrDefault(use => use.Address == address);
            InUse = use?.PortsInUse ?? 0;
            Idle = (use?.Idle ?? []).ToHashSet();
            Released = (use?.Released ?? []).ToHashSet();
        }
    }

    /// <summary>The first ports of blocks that were unused for a while.</summary>
    public IReadOnlySet<int> Idle { get; init; } = new HashSet<int>();

    /// <summary>
    /// The first ports of retiring blocks that no connection uses and that the node no longer assigns.
    /// </summary>
    public IReadOnlySet<int> Released { get; init; } = new HashSet<int>();
}

/// <summary>The blocks of a fixed IP, and the shortages.</summary>
/// <param name="Blocks">The blocks, by first port.</param>
/// <param name="Without">Nodes with dynos for which no block is left.</param>
/// <param name="IsScarce">Whether more than half of all ports are in use, or a node that needs more gets none.</param>
internal sealed record PortPlan(
    IReadOnlyList<EgressPortBlock> Blocks, IReadOnlyList<string> Without, bool IsScarce);

/// <summary>
/// Divides the source ports of a fixed IP among nodes. A block stays where it is, since connections use it. A node that
/// uses more than half of its ports gets as many again. It gives idle blocks back as long as it would use less than a
/// quarter of the rest. A block is given back in two steps: it retires, and becomes free once its node reports that it
/// no longer uses it. A retiring block is never reactivated, so that an outdated report cannot free a block in use.
/// </summary>
internal static class PortBlocks
{
    /// <summary>The first unprivileged port and the last port.</summary>
    public static (int First, int Last) Whole { get; } = (1024, 65_535);

    /// <summary>
    /// The range for a node's own address. It excludes the ports of the kubelet and the API server, NodePorts and
    /// Linux's default ephemeral ports.
    /// </summary>
    public static (int First, int Last) OfNodeAddress { get; } = (17_408, 29_695);

    /// <param name="before">
    /// The previous blocks; those of nodes that are not in <paramref name="uses"/> are free.
    /// </param>
    /// <param name="uses">All nodes of the cluster that have blocks or need some.</param>
    /// <param name="range">The range of ports to divide.</param>
    /// <param name="size">The number of ports of a block.</param>
    public static PortPlan Plan(
        IEnumerable<EgressPortBlock> before, IReadOnlyList<PortUse> uses, (int First, int Last) range, int size)
    {
        var byNode = uses.ToDictionary(use => use.Node, StringComparer.Ordinal);
        var blocks = Sound(
            before.Where(block => byNode.TryGetValue(block.Node, out var use)
                && !(block.Retiring == true && use.Released.Contains(block.First))),
            range);
        foreach (var use in uses)
        {
            RetireIdle([.. blocks.Where(block => block.Node == use.Node && block.Retiring != true)], use, size);
        }

        var (without, isScarce) = (new List<string>(), false);
        // Each block that becomes free soon serves one need for which there is no room now.
        var coming = blocks.Count(block => block.Retiring == true && byNode[block.Node].InUse == 0);
        foreach (var use in uses.Where(use => use.HasDynos).OrderBy(use => use.Node, StringComparer.Ordinal))
        {
            var has = blocks.Where(block => block.Node == use.Node && block.Retiring != true).Sum(SizeOf);
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

            // Unused blocks are given back, the largest first.
            if (coming > 0)
            {
                coming--;
            }
            else if (blocks.Where(block => block.Retiring != true
                && byNode[block.Node] is { HasDynos: false, InUse: 0 } use
                        && !use.Released.Contains(block.First))
                .OrderByDescending(SizeOf)
                .ThenBy(block => block.First)
                .FirstOrDefault() is { } idle)
            {
                idle.Retiring = true;
            }

            return false;
        }
    }

    /// <param name="blocks">The node's blocks that do not retire.</param>
    private static void RetireIdle(List<EgressPortBlock> blocks, PortUse use, int size)
    {
        var has = blocks.Sum(SizeOf);
        foreach (var block in blocks.Where(block => use.Idle.Contains(block.First))
            .OrderByDescending(block => block.First))
        {
            var rest = has - SizeOf(block);
            if (!use.HasDynos || (rest >= size && use.InUse * 4 <= rest))
            {
                block.Retiring = true;
                has = rest;
            }
        }
    }

    public static int SizeOf(EgressPortBlock block) => block.Last - block.First + 1;

    /// <summary>The blocks inside the range that overlap no earlier one. Manual edits can cause others.</summary>
    private static List<EgressPortBlock> Sound(IEnumerable<EgressPortBlock> blocks, (int First, int Last) range)
    {
        var sound = new List<EgressPortBlock>();
        foreach (var block in blocks.OrderBy(block => block.First))
        {
            if (block.First >= range.First && block.Last <= range.Last && block.First <= block.Last
                && (sound.Count == 0 || sound[^1].Last < block.First))
            {
                sound.Add(new()
                {
                    Node = block.Node,
                    First = block.First,
                    Last = block.Last,
                    Retiring = block.Retiring == true ? true : null,
                });
            }
        }

        return sound;
    }

    /// <summary>
    /// The first free gap for this many ports, aligned to the block size from the start of the range.
    /// </summary>
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
