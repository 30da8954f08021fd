using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynospace.Reachability.Addresses;

/// <summary>One CIDR range, IPv4 or IPv6, always in canonical form: no bit is set behind the prefix.</summary>
public sealed record AddressRange
{
    private AddressRange(AddressFamily family, UInt128 firstBits, int prefixLength)
    {
        Family = family;
        FirstBits = firstBits;
        PrefixLength = prefixLength;
    }

    /// <summary>Every IPv4 address.</summary>
    public static AddressRange EveryIPv4 { get; } = new(AddressFamily.InterNetwork, 0, 0);

    /// <summary>Every IPv6 address.</summary>
    public static AddressRange EveryIPv6 { get; } = new(AddressFamily.InterNetworkV6, 0, 0);

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family { get; }

    /// <summary>How many leading bits all addresses of the range share.</summary>
    public int PrefixLength { get; }

    /// <summary>The lowest address.</summary>
    public IPAddress First => new NumericAddress(Family, FirstBits).ToIPAddress();

    /// <summary>The highest address.</summary>
    public IPAddress Last => new NumericAddress(Family, LastBits).ToIPAddress();

    internal UInt128 FirstBits { get; }

    internal UInt128 LastBits => FirstBits | NumericAddress.HostMask(Family, PrefixLength);

    /// <summary>The range of one address.</summary>
    public static AddressRange FromAddress(IPAddress address)
    {
        var numeric = NumericAddress.From(address);
        return new(numeric.Family, numeric.Bits, NumericAddress.Width(numeric.Family));
    }

    /// <summary>The range of a network of the base class library.</summary>
    public static AddressRange FromNetwork(IPNetwork network) =>
        Masked(NumericAddress.From(network.BaseAddress), network.PrefixLength);

    /// <summary>Reads a canonical CIDR range.</summary>
    /// <exception cref="FormatException">The text is not a canonical CIDR range; the message says what to
    /// write.</exception>
    public static AddressRange Parse(string text) =>
        TryParse(text, out var range, out var problem) ? range : throw new FormatException($"'{text}' {problem}");

    /// <summary>
    /// Reads a canonical CIDR range; <c>10.0.0.1/8</c> is refused, since its writer meant either less or more.
    /// </summary>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out AddressRange? range,
        [NotNullWhen(false)] out string? problem)
    {
        if (!TryRead(text, out var address, out var prefixLength, out problem))
        {
            range = null;
            return false;
        }

        range = Masked(address, prefixLength);
        if (range.FirstBits == address.Bits)
        {
            return true;
        }

        problem =
            $"has host bits set; write {range} for the network or {FromAddress(address.ToIPAddress())} for the address";
        range = null;
        return false;
    }

    /// <summary>
    /// Reads a CIDR range as the API server reads those of a NetworkPolicy: bits behind the prefix are ignored.
    /// </summary>
    public static bool TryParseMasked(
        [NotNullWhen(true)] string? text,
        [NotNullWhen(true)] out AddressRange? range,
        [NotNullWhen(false)] out string? problem)
    {
        range = TryRead(text, out var address, out var prefixLength, out problem)
            ? Masked(address, prefixLength)
            : null;
        return range is not null;
    }

    /// <summary>Whether the address lies in the range. An address of the other family never does.</summary>
    public bool Contains(IPAddress address)
    {
        var numeric = NumericAddress.From(address);
        return numeric.Family == Family && numeric.Bits >= FirstBits && numeric.Bits <= LastBits;
    }

    /// <summary>Whether all of <paramref name="other"/> lies in the range.</summary>
    public bool Contains(AddressRange other) =>
        other.Family == Family
        && other.PrefixLength >= PrefixLength
        && other.FirstBits >= FirstBits
        && other.LastBits <= LastBits;

    /// <summary>Whether the two share an address. CIDR ranges never overlap in part: one contains the other.</summary>
    public bool Overlaps(AddressRange other) => Contains(other) || other.Contains(this);

    /// <summary>The same range in the type of the base class library.</summary>
    public IPNetwork ToIPNetwork() => new(First, PrefixLength);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}/{PrefixLength}");

    internal static AddressRange FromBits(AddressFamily family, UInt128 firstBits, int prefixLength) =>
        new(family, firstBits, prefixLength);

    private static AddressRange Masked(NumericAddress address, int prefixLength) =>
        new(address.Family, address.Bits & ~NumericAddress.HostMask(address.Family, prefixLength), prefixLength);

    private static bool TryRead(
        [NotNullWhen(true)] string? text,
        out NumericAddress address,
        out int prefixLength,
        [NotNullWhen(false)] out string? problem)
    {
        address = default;
        prefixLength = 0;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0)
        {
            problem =
                "is not a CIDR range; write one such as 192.0.2.0/24 or 2001:db8::/32, or /32 or /128 for one address";
            return false;
        }

        if (!AddressText.TryParse(text![..slash], out var ip, out problem))
        {
            return false;
        }

        address = NumericAddress.From(ip);
        var digits = text.AsSpan(slash + 1);
        var width = NumericAddress.Width(address.Family);
        if (digits.Length is 0 or > 3
            || digits.ContainsAnyExceptInRange('0', '9')
            || (digits.Length > 1 && digits[0] == '0')
            || (prefixLength = int.Parse(digits, CultureInfo.InvariantCulture)) > width)
        {
            problem = $"needs a prefix length from 0 to {width}";
            return false;
        }

        return true;
    }
}
