using System.Net;
using Dynospace.Reachability.Addresses;

namespace Dynospace.Cli.Reach;

/// <summary>An address that stands for a range.</summary>
internal static class RangeSamples
{
    /// <summary>The first that a host may have: behind the range's own, where it holds more than two.</summary>
    /// <exception cref="CliException">The text is no range.</exception>
    public static IPAddress FirstHost(string cidr)
    {
        if (!AddressRange.TryParseMasked(cidr, out var range, out var problem))
        {
            throw new CliException($"'{cidr}' {problem}.");
        }

        var bytes = range.First.GetAddressBytes();
        if (range.PrefixLength < (bytes.Length * 8) - 1)
        {
            bytes[^1]++;
        }

        return new IPAddress(bytes);
    }
}
