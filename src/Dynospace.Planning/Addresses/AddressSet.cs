namespace Dynospace.Planning.Addresses;

/// <summary>
/// The smallest number of blocks that cover some ranges, IPv4 before IPv6, ascending: equal sets have equal lists.
/// </summary>
public sealed class AddressSet
{
    private AddressSet(IReadOnlyList<AddressBlock> blocks) => Blocks = blocks;

    /// <summary>Ascending and disjoint, and never two halves of one block.</summary>
    public IReadOnlyList<AddressBlock> Blocks { get; }

    /// <summary>Joins overlapping and adjacent blocks.</summary>
    public static AddressSet Covering(IEnumerable<AddressBlock> blocks)
    {
        var fewest = new List<AddressBlock>();
        foreach (var block in blocks.Order(AddressBlock.Ascending))
        {
            if (fewest.Count == 0 || !fewest[^1].Contains(block))
            {
                fewest.Add(block);
                JoinHalves(fewest);
            }
        }

        return new(fewest);
    }

    /// <summary>The first block of the set that shares an address with the range.</summary>
    public AddressBlock? FirstOverlap(AddressBlock range)
    {
        // The blocks are ascending and disjoint: the last one that starts no later than the range may contain it;
        // otherwise the next may lie inside.
        var (low, high) = (0, Blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (StartsAfter(Blocks[middle], range))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low > 0 && Blocks[low - 1].Overlaps(range) ? Blocks[low - 1]
            : low < Blocks.Count && Blocks[low].Overlaps(range) ? Blocks[low]
            : null;
    }

    /// <summary>The first block of the set that contains the whole range.</summary>
    public AddressBlock? FirstCover(AddressBlock range) =>
        FirstOverlap(range) is { } block && block.Contains(range) ? block : null;

    /// <summary>
    /// The blocks of the set inside the range; never the range itself if <see cref="FirstCover"/> is null.
    /// </summary>
    public IEnumerable<AddressBlock> Inside(AddressBlock range) => Blocks.Where(range.Contains);

    /// <summary>
    /// The part of the set inside the range, in about <paramref name="limit"/> blocks: if there are more, the longest
    /// prefixes are cut to a common length, so that one more node changes at most one block. Never the range itself.
    /// </summary>
    public IReadOnlyList<AddressBlock> Inside(AddressBlock range, int limit)
    {
        IReadOnlyList<AddressBlock> inside = [.. Inside(range)];
        if (inside.Count <= limit)
        {
            return inside;
        }

        // NAT64 prefixes are 96 bits longer: cut together with the others, they would become all of IPv4.
        var mapped = inside.Where(block => block.IsNat64).ToList();
        var others = inside.Where(block => !block.IsNat64).ToList();
        return Covering(
            Cut(range, others, limit - Math.Min(mapped.Count, limit / 2)).Concat(
                Cut(range, mapped, limit - Math.Min(others.Count, limit / 2)))).Blocks;
    }

    /// <summary>The blocks cut to the longest common prefix length that keeps their number within the limit.</summary>
    private static IReadOnlyList<AddressBlock> Cut(AddressBlock range, List<AddressBlock> blocks, int limit)
    {
        if (blocks.Count <= limit)
        {
            return blocks;
        }

        var (shortest, longest) =
            (Math.Max(range.Prefix + 1, blocks[0].IsNat64 ? AddressBlock.Nat64PrefixLength + 1 : 0), range.Width);
        while (shortest < longest)
        {
            var middle = (shortest + longest + 1) / 2;
            if (CountWithin(blocks, middle) <= limit)
            {
                shortest = middle;
            }
            else
            {
                longest = middle - 1;
            }
        }

        var cut = Covering(blocks.Select(block => block.Within(shortest))).Blocks;
        return cut.Contains(range) ? blocks : cut;
    }

    private static int CountWithin(List<AddressBlock> blocks, int prefix)
    {
        var count = 0;
        AddressBlock? last = null;
        foreach (var block in blocks)
        {
            var cut = block.Within(prefix);
            count += cut == last ? 0 : 1;
            last = cut;
        }

        return count;
    }

    private static bool StartsAfter(AddressBlock block, AddressBlock range) =>
        (block.IsV6, block.First).CompareTo((range.IsV6, range.First)) > 0;

    /// <summary>Whether a range without its exceptions shares no address with the set.</summary>
    public bool IsAvoidedBy(AddressBlock range, IReadOnlyList<AddressBlock> exceptions) =>
        Blocks.Where(range.Overlaps).All(block => exceptions.Any(exception => exception.Contains(block)));

    private static void JoinHalves(List<AddressBlock> blocks)
    {
        while (blocks.Count > 1 && blocks[^2].TryJoin(blocks[^1], out var whole))
        {
            blocks.RemoveRange(blocks.Count - 2, 2);
            blocks.Add(whole);
        }
    }
}
