using System.Globalization;
using Dynospace.Linux.Namespaces;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Keeps the kernel from choosing the ports of dynos for the node's own sockets, where both have one address. Conntrack
/// would tell them apart, but only by moving one of them to another port.
/// </summary>
internal static class ReservedPorts
{
    private const string Setting = "ipv4/ip_local_reserved_ports";

    private static readonly string Own = string.Create(
        CultureInfo.InvariantCulture, $"{SharedPorts.First}-{SharedPorts.Last}");

    /// <exception cref="IOException">The kernel refuses it.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write there.</exception>
    public static void Ensure(bool areReserved)
    {
        if (Sysctl.Read(Setting) is { } before && Change(before, areReserved) is var after && after != before)
        {
            // Nothing written changes nothing; an empty line empties the set.
            Sysctl.Write(Setting, after + "\n");
        }
    }

    /// <summary>
    /// The setting with the range, or without it. A wider range is the administrator's and stays. Pure.
    /// </summary>
    public static string Change(string before, bool areReserved)
    {
        var ranges = before.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (!areReserved)
        {
            return string.Join(',', ranges.Where(range => range != Own));
        }

        return ranges.Any(IsCovering) ? before : string.Join(',', ranges.Append(Own));
    }

    private static bool IsCovering(string range)
    {
        var ends = range.Split('-');
        return int.TryParse(ends[0], CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], CultureInfo.InvariantCulture, out var last)
            && first <= SharedPorts.First && last >= SharedPorts.Last;
    }
}
