namespace Dynospace.Planning.Addresses;

/// <summary>The fewest blocks that cover some ranges, IPv4 before IPv6, ascending: equal sets have equal lists.</summary>
internal sealed class AddressSet
{
    private AddressSet(IReadOnlyList<AddressBlock> blocks) => Blocks = blocks;

    public IReadOnlyList<AddressBlock> Blocks { get; }

    public static AddressSet Of(IEnumerable<AddressBlock> blocks)
    {
        var fewest = new List<AddressBlock>();
        foreach (var block in blocks.Order())
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
        foreach (var block in Blocks)
        {
            if (block.Overlaps(range))
            {
                return block;
            }
        }

        return null;
    }

    /// <summary>The first block of the set that holds all of the range.</summary>
    public AddressBlock? FirstCover(AddressBlock range) => FirstOverlap(range) is { } block && block.Contains(range) ? block : null;

    /// <summary>What of the set lies inside the range; by construction never the range itself when <see cref="FirstCover"/> is null.</summary>
    public IEnumerable<AddressBlock> Inside(AddressBlock range) => Blocks.Where(range.Contains);

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
