using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;

namespace Dynospace.Planning.Facts;

/// <summary>The fixed IPs for dynos of a space, and the provider that proves them. Compared by value.</summary>
public sealed class FixedIPs : IEquatable<FixedIPs>
{
    private readonly string[] _v4;
    private readonly string[] _v6;
    private readonly string[] _leaving;

    /// <param name="provider">The provider in charge.</param>
    /// <param name="addresses">The addresses that new dynos may get.</param>
    /// <param name="leaving">The addresses that dynos may keep until they are replaced.</param>
    public FixedIPs(EgressProvider provider, IEnumerable<string> addresses, IEnumerable<string>? leaving = null)
    {
        var sorted = addresses.Order(StringComparer.Ordinal).ToLookup(AddressBlock.IsV6Text);
        (Provider, _v4, _v6) = (provider, [.. sorted[false]], [.. sorted[true]]);
        _leaving = [.. (leaving ?? []).Order(StringComparer.Ordinal)];
    }

    /// <summary>The provider in charge.</summary>
    public EgressProvider Provider { get; }

    /// <summary>All addresses.</summary>
    public IEnumerable<string> Addresses => _v4.Concat(_v6);

    /// <summary>Whether there is none yet.</summary>
    public bool IsEmpty => _v4.Length + _v6.Length == 0;

    /// <summary>The fixed IPs of a Space; null if its traffic uses the cluster's own addresses.</summary>
    public static FixedIPs? FromSpace(Space space) => space.Status?.Egress is { } egress
        ? new(egress.Provider, (space.Status.OutboundIPs ?? []).Except(egress.Leaving ?? []), egress.Leaving)
        : null;

    /// <summary>
    /// The addresses of a dyno: one of each family. Dynos of one process type, numbered from 1, are spread evenly; the
    /// types of an app begin at different addresses.
    /// </summary>
    public IReadOnlyList<string> For(string app, string processType, int index)
    {
        var hash = new StableHash().Add(app).Add(processType);
        return
        [
            .. new[] { _v4, _v6 }.Where(family => family.Length > 0)
                .Select(family => family[(hash.ToNumber(family.Length) + Math.Max(index, 0)) % family.Length]),
        ];
    }

    /// <summary>Whether the space has an address, including one that it gives up.</summary>
    public bool Holds(string address) =>
        _v4.Contains(address) || _v6.Contains(address) || _leaving.Contains(address);

    /// <summary>Whether a dyno may keep its addresses: one of each family, and none that the space gives up.</summary>
    public bool Fits(IEnumerable<string>? addresses)
    {
        List<string> held = [.. addresses ?? []];
        return held.All(address => _v4.Contains(address) || _v6.Contains(address))
            && held.Exists(_v4.Contains) == _v4.Length > 0
            && held.Exists(_v6.Contains) == _v6.Length > 0;
    }

    /// <inheritdoc/>
    public bool Equals(FixedIPs? other) =>
        other is not null && Provider == other.Provider && _v4.SequenceEqual(other._v4)
        && _v6.SequenceEqual(other._v6) && _leaving.SequenceEqual(other._leaving);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FixedIPs);

    /// <inheritdoc/>
    public override int GetHashCode() => ((int)Provider * 31) + (_v4.Length * 17) + _v6.Length;
}
