// Addresses: arithmetic of address ranges, on purpose not that of the policies which it checks.

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Reachability.Addresses;

/// <summary>
/// An immutable set of addresses, IPv4 and IPv6. Two sets of the same addresses are equal, however they came about.
/// </summary>
public sealed class CidrSet : IEquatable<CidrSet>
{
    private readonly ImmutableArray<AddressInterval> _v4;
    private readonly ImmutableArray<AddressInterval> _v6;

    private CidrSet(ImmutableArray<AddressInterval> v4, ImmutableArray<AddressInterval> v6)
    {
        _v4 = v4;
        _v6 = v6;
    }

    /// <summary>No address.</summary>
    public static CidrSet Empty { get; } = new([], []);

    /// <summary>Every address of both families.</summary>
    public static CidrSet Everything { get; } = FromRanges(AddressRange.EveryIPv4, AddressRange.EveryIPv6);

    /// <summary>Whether the set holds no address.</summary>
    public bool IsEmpty => _v4.IsEmpty && _v6.IsEmpty;

    /// <summary>The fewest canonical ranges that make up the set: IPv4 first, ascending.</summary>
    public ImmutableArray<AddressRange> Ranges =>
        [
            .. IntervalSet.ToRanges(AddressFamily.InterNetwork, _v4),
            .. IntervalSet.ToRanges(AddressFamily.InterNetworkV6, _v6),
        ];

    /// <summary>
    /// The addresses of a family as first and last of each unbroken run, ascending: fewer than <see cref="Ranges"/>
    /// and never adjacent.
    /// </summary>
    internal IEnumerable<(IPAddress First, IPAddress Last)> Intervals(AddressFamily family) =>
        (family == AddressFamily.InterNetwork ? _v4 : _v6).Select(interval => (
            new NumericAddress(family, interval.First).ToIPAddress(),
            new NumericAddress(family, interval.Last).ToIPAddress()));

    /// <summary>The addresses of all the ranges, which may overlap.</summary>
    public static CidrSet FromRanges(params IEnumerable<AddressRange> ranges)
    {
        var byFamily = ranges.ToLookup(
            range => range.Family, range => new AddressInterval(range.FirstBits, range.LastBits));
        return new(
            IntervalSet.Normalize(byFamily[AddressFamily.InterNetwork]),
            IntervalSet.Normalize(byFamily[AddressFamily.InterNetworkV6]));
    }

    /// <summary>The set of one address.</summary>
    public static CidrSet FromAddress(IPAddress address) => FromRanges(AddressRange.FromAddress(address));

    /// <summary>The addresses in either set.</summary>
    public CidrSet Union(CidrSet other) =>
        new(IntervalSet.Normalize([.. _v4, .. other._v4]), IntervalSet.Normalize([.. _v6, .. other._v6]));

    /// <summary>The addresses of this set that are not in <paramref name="other"/>.</summary>
    public CidrSet Except(CidrSet other) => new(IntervalSet.Except(_v4, other._v4), IntervalSet.Except(_v6, other._v6));

    /// <summary>The addresses in both sets.</summary>
    public CidrSet Intersect(CidrSet other) => Except(Everything.Except(other));

    /// <summary>Whether the set holds the address.</summary>
    public bool Contains(IPAddress address) => Overlaps(FromAddress(address));

    /// <summary>Whether the set holds every address of the range.</summary>
    public bool Contains(AddressRange range) => Contains(FromRanges(range));

    /// <summary>Whether the set holds every address of <paramref name="other"/>.</summary>
    public bool Contains(CidrSet other) => other.Except(this).IsEmpty;

    /// <summary>Whether the set and the range share an address.</summary>
    public bool Overlaps(AddressRange range) => Overlaps(FromRanges(range));

    /// <summary>Whether the two sets share an address.</summary>
    public bool Overlaps(CidrSet other) => IntervalSet.Overlap(_v4, other._v4) || IntervalSet.Overlap(_v6, other._v6);

    /// <inheritdoc/>
    public bool Equals(CidrSet? other) =>
        other is not null
        && _v4.AsSpan().SequenceEqual(other._v4.AsSpan())
        && _v6.AsSpan().SequenceEqual(other._v6.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CidrSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var interval in _v4.Concat(_v6))
        {
            hash.Add(interval);
        }

        return hash.ToHashCode();
    }

    /// <summary>The ranges, separated by commas; empty for the empty set.</summary>
    public override string ToString() => string.Join(", ", Ranges);
}
