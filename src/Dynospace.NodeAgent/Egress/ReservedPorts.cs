using System.Globalization;
using Dynospace.Linux.Namespaces;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Prevents the kernel from choosing the ports of dynos for the node's own sockets if both share an address. Conntrack
/// could distinguish them, but only by moving one connection to another port.
/// </summary>
internal static class ReservedPorts
{
    private const string Setting = "ipv4/ip_local_reserved_ports";

    private static readonly string Own = string.Create(
        CultureInfo.InvariantCulture, $"{SharedPorts.First}-{SharedPorts.Last}");

    /// <exception cref="IOException">The kernel refuses the write.</exception>
    /// <exception cref="UnauthorizedAccessException">This process lacks permission.</exception>
    public static void Ensure(bool areReserved)
    {
        if (Sysctl.Read(Setting) is { } before && Change(before, areReserved) is var after && after != before)
        {
            // An empty write has no effect; an empty line clears the set.
            Sysctl.Write(Setting, after + "\n");
        }
    }

    /// <summary>
    /// Pure: the setting with or without the range. A wider range was set by the administrator and stays.
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
