using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Validation;

/// <summary>IP addresses and CIDRs.</summary>
internal static class AddressFormats
{
    public const string AddressMessage = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    public const string NetworkMessage = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

    public static void Address(Findings findings, FieldPath path, string text)
    {
        if (!TryAddress(text, out _))
        {
            findings.Invalid(path, text, AddressMessage);
        }
    }

    /// <summary>An address in full; the short and octal forms that .NET also reads are none.</summary>
    public static bool TryAddress(string text, out IPAddress address)
    {
        var isRead = IPAddress.TryParse(text, out var parsed) && !text.Contains('%', StringComparison.Ordinal);
        address = parsed ?? IPAddress.None;
        return isRead && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);
    }

    /// <summary>A CIDR, whose address may have bits beyond the prefix.</summary>
    public static bool TryNetwork(string text, out IPAddress address, out int prefix)
    {
        prefix = 0;
        address = IPAddress.None;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0
            && TryAddress(text[..slash], out address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix)
            && prefix <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    public static bool HasHostBits(IPAddress address, int prefix) => !Masked(address, prefix).Equals(address);

    /// <summary>Whether one network lies within another and is smaller.</summary>
    public static bool IsStrictSubset((IPAddress Address, int Prefix) inner, (IPAddress Address, int Prefix) outer) =>
        inner.Address.AddressFamily == outer.Address.AddressFamily
        && inner.Prefix > outer.Prefix
        && Masked(inner.Address, outer.Prefix).Equals(Masked(outer.Address, outer.Prefix));

    private static IPAddress Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(prefix - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        return new IPAddress(bytes);
    }
}
