using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>IPsec policies, which apply to packets after they are routed.</summary>
public interface IIpsecPolicies : IDisposable
{
    /// <summary>
    /// Whether there are policies for packets that leave or are forwarded; not those of single sockets.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses to list them.</exception>
    bool Exist();
}

/// <summary>IPsec policies by netlink. A kernel without IPsec has none.</summary>
internal sealed class IpsecPolicySocket : IIpsecPolicies
{
    private const ushort NewPolicy = 19;
    private const ushort GetPolicy = 21;

    // xfrm_userpolicy_info: a selector, two lifetimes, priority and index come before the direction.
    private const int DirectionAt = 56 + 64 + 32 + 4 + 4;
    private const int Out = 1;
    private const int Forward = 2;

    private readonly NetlinkSocket? _socket = Open();

    public bool Exist() => _socket?.Dump<string>(GetPolicy, [], message =>
        message.Type == NewPolicy && message.Body.Length > DirectionAt
            && message.Body.Span[DirectionAt] is Out or Forward
                ? ""
                : null).Count > 0;

    public void Dispose() => _socket?.Dispose();

    private static NetlinkSocket? Open()
    {
        try
        {
            return new NetlinkSocket(NetlinkSocket.Ipsec);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ProtocolNotSupported)
        {
            return null;
        }
    }
}
