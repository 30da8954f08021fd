using System.Net;
using System.Net.Sockets;

namespace Dynospace.Planning.Addresses;

internal static class AddressExtensions
{
    /// <summary>The zone of a link-local address; asking an IPv4 address for it throws.</summary>
    public static long ScopeIdOrZero(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
