using System.Net;
using System.Net.Sockets;
using CsCheck;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Reachability.Tests.Laws;

/// <summary>
/// Checks the interval arithmetic against plain sets of addresses, at the upper end of IPv4 and at both ends of IPv6.
/// </summary>
public sealed class CidrSetLaws
{
    private static readonly IPAddress[] Universe =
    [
        .. Enumerable.Range(0, 32).Select(host => new IPAddress([255, 255, 255, (byte)(224 + host)])),
        .. Enumerable.Range(0, 32).Select(host => V6(host, high: false)),
        .. Enumerable.Range(0, 32).Select(host => V6(host, high: true)),
    ];

    private static readonly Gen<CidrSet> Sets =
        Gen.Select(Gen.Int[0, Universe.Length - 1], Gen.Int[27, 32]).Select(Range)
            .Array[0, 8].Select(ranges => CidrSet.FromRanges(ranges));

    [Fact]
    public void Operations_agree_with_sets_of_single_addresses() => Gen.Select(Sets, Sets).Sample((left, right) =>
    {
        var (a, b) = (Members(left), Members(right));
        Assert.Equal(a.Union(b).ToHashSet(), Members(left.Union(right)));
        Assert.Equal(a.Except(b).ToHashSet(), Members(left.Except(right)));
        Assert.Equal(a.Intersect(b).ToHashSet(), Members(left.Intersect(right)));
        Assert.Equal(a.Overlaps(b), left.Overlaps(right));
        Assert.Equal(a.IsSupersetOf(b), left.Contains(right));
        Assert.Equal(a.SetEquals(b), left.Equals(right));
        Assert.Equal(a.Count == 0, left.IsEmpty);
    }, iter: 500);

    [Fact]
    public void Equal_sets_look_alike_however_they_came_about() => Gen.Select(Sets, Sets).Sample((left, right) =>
    {
        var whole = left.Union(right);
        var again = left.Except(right).Union(right.Except(left)).Union(left.Intersect(right));
        Assert.Equal(whole, again);
        Assert.Equal(whole.GetHashCode(), again.GetHashCode());
        Assert.Equal(whole.ToString(), again.ToString());
        Assert.Equal(whole, CidrSet.FromRanges(whole.Ranges));
    }, iter: 500);

    [Fact]
    public void The_complement_of_the_complement_is_the_set() => Sets.Sample(set =>
    {
        var complement = CidrSet.Everything.Except(set);
        Assert.False(complement.Overlaps(set));
        Assert.Equal(CidrSet.Everything, complement.Union(set));
        Assert.Equal(set, CidrSet.Everything.Except(complement));
    }, iter: 500);

    [Fact]
    public void Ranges_are_disjoint_and_no_two_of_one_length_could_be_one() => Sets.Sample(set =>
    {
        var ranges = set.Ranges;
        for (var index = 1; index < ranges.Length; index++)
        {
            Assert.False(ranges[index].Overlaps(ranges[index - 1]));
            Assert.NotEqual(Parent(ranges[index]), Parent(ranges[index - 1]));
        }
    }, iter: 500);

    private static AddressRange Range(int index, int shortPrefix)
    {
        var address = Universe[index];
        var prefix = address.AddressFamily == AddressFamily.InterNetwork ? shortPrefix : shortPrefix + 96;
        Assert.True(AddressRange.TryParseMasked($"{address}/{prefix}", out var range, out var problem), problem);
        return range;
    }

    private static HashSet<IPAddress> Members(CidrSet set) => [.. Universe.Where(set.Contains)];

    private static IPAddress V6(int host, bool high)
    {
        var bytes = new byte[16];
        Array.Fill(bytes, (byte)(high ? 0xff : 0));
        bytes[15] = (byte)(high ? 224 + host : host);
        return new IPAddress(bytes);
    }

    private static AddressRange Parent(AddressRange range)
    {
        Assert.True(
            AddressRange.TryParseMasked($"{range.First}/{range.PrefixLength - 1}", out var parent, out var problem),
            problem);
        return parent;
    }
}
