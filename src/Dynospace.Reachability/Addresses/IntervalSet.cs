using System.Collections.Immutable;
using System.Net.Sockets;

namespace Dynospace.Reachability.Addresses;

/// <summary>
/// Set arithmetic on sorted, disjoint, non-adjacent intervals: equal sets have equal lists.
/// Adjacency is tested by subtraction only, since the last IPv6 address has no successor.
/// </summary>
internal static class IntervalSet
{
    public static ImmutableArray<AddressInterval> Normalize(IEnumerable<AddressInterval> intervals)
    {
        var merged = ImmutableArray.CreateBuilder<AddressInterval>();
        foreach (var next in intervals.OrderBy(interval => interval.First))
        {
            if (merged.Count > 0 && merged[^1] is var last && (next.First <= last.Last || next.First - 1 == last.Last))
            {
                merged[^1] = last with { Last = UInt128.Max(last.Last, next.Last) };
            }
            else
            {
                merged.Add(next);
            }
        }

        return merged.ToImmutable();
    }

    public static ImmutableArray<AddressInterval> Except(
        ImmutableArray<AddressInterval> left, ImmutableArray<AddressInterval> right)
    {
        var rest = ImmutableArray.CreateBuilder<AddressInterval>();
        foreach (var interval in left)
        {
            AddRest(rest, interval, right);
        }

        return rest.ToImmutable();
    }

    public static bool Overlap(ImmutableArray<AddressInterval> left, ImmutableArray<AddressInterval> right)
    {
        for (int l = 0, r = 0; l < left.Length && r < right.Length;)
        {
            if (left[l].Last < right[r].First)
            {
                l++;
            }
            else if (right[r].Last < left[l].First)
            {
                r++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The fewest CIDR ranges that make up the set, in order.</summary>
    public static IEnumerable<AddressRange> ToRanges(AddressFamily family, ImmutableArray<AddressInterval> intervals)
    {
        var width = NumericAddress.Width(family);
        foreach (var interval in intervals)
        {
            for (var first = interval.First; ;)
            {
                var hostBits = LargestBlock(first, interval.Last, width);
                var range = AddressRange.FromBits(family, first, width - hostBits);
                yield return range;
                if (range.LastBits >= interval.Last)
                {
                    break;
                }

                first = range.LastBits + 1;
            }
        }
    }

    private static void AddRest(
        ImmutableArray<AddressInterval>.Builder rest, AddressInterval interval, ImmutableArray<AddressInterval> removed)
    {
        var first = interval.First;
        foreach (var hole in removed)
        {
            if (hole.Last < first)
            {
                continue;
            }

            if (hole.First > interval.Last)
            {
                break;
            }

            if (hole.First > first)
            {
                rest.Add(new(first, hole.First - 1));
            }

            if (hole.Last >= interval.Last)
            {
                return;
            }

            first = hole.Last + 1;
        }

        rest.Add(new(first, interval.Last));
    }

    private static int LargestBlock(UInt128 first, UInt128 last, int width)
    {
        var aligned = Math.Min((int)UInt128.TrailingZeroCount(first), width);
        var span = last - first;
        var fitting = span == UInt128.MaxValue ? 128 : (int)UInt128.Log2(span + 1);
        return Math.Min(aligned, fitting);
    }
}

/// <summary>All numbers from First to Last, both included.</summary>
internal readonly record struct AddressInterval(UInt128 First, UInt128 Last);
