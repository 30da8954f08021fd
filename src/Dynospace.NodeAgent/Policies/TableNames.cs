using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Dynospace.Reachability;

namespace Dynospace.NodeAgent.Policies;

/// <summary>The names in the table. Shared objects are named by a hash of their content.</summary>
internal static class TableNames
{
    public const string BaseChain = "forward";

    /// <summary>Counts packets that the sender's policies do not admit.</summary>
    public const string RefusedEgress = "refused_egress";

    /// <summary>Counts packets that the receiver's policies do not admit.</summary>
    public const string RefusedIngress = "refused_ingress";

    /// <summary>Counts TCP packets of connections that conntrack does not know.</summary>
    public const string Midstream = "refused_midstream";

    /// <summary>Counts packets of addresses in closed ranges without a known pod.</summary>
    public const string Unknown = "refused_unknown";

    public static IReadOnlyList<string> Counters { get; } = [RefusedEgress, RefusedIngress, Midstream, Unknown];

    public static string Egress(AddressFamily family) => "egress" + Digit(family);

    public static string Ingress(AddressFamily family) => "ingress" + Digit(family);

    public static string Isolated(AddressFamily family) => "isolated" + Digit(family);

    public static string Self(AddressFamily family) => "self" + Digit(family);

    public static string Known(AddressFamily family) => "known" + Digit(family);

    public static string Closed(AddressFamily family) => "closed" + Digit(family);

    /// <summary>The name of a set or chain with this content.</summary>
    public static string ForContent(string kind, string content) =>
        $"{kind}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..24]}";

    public static string ForContent(string kind, string content, AddressFamily family) =>
        $"{ForContent(kind, content)}_{Digit(family)}";

    private static string Digit(AddressFamily family) => family == AddressFamily.InterNetwork ? "4" : "6";
}

/// <summary>Elements of sets in nftables' syntax, in a canonical form for comparison.</summary>
internal static class Elements
{
    public static AddressFamily[] Families { get; } = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    public static string ProtocolOf(TransportProtocol protocol) => protocol switch
    {
        TransportProtocol.Tcp => "tcp",
        TransportProtocol.Udp => "udp",
        _ => "sctp",
    };

    public static string Interval(string first, string last) => first == last ? first : $"{first}-{last}";

    public static string Interval(IPAddress first, IPAddress last) => Interval(first.ToString(), last.ToString());

    public static string Port(string protocol, int first, int last) =>
        $"{protocol} . {Interval(Number(first), Number(last))}";

    public static string Service(IPAddress address, string protocol, int port) =>
        $"{address} . {protocol} . {Number(port)}";

    public static string Pair(IPAddress source, IPAddress destination) => $"{source} . {destination}";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
