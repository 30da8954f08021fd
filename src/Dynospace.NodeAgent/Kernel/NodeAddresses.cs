using System.Net;

namespace Dynospace.NodeAgent.Kernel;

/// <summary>The addresses of this node's interfaces.</summary>
internal interface INodeAddresses : IDisposable
{
    IReadOnlyList<NodeAddress> List();
}

/// <summary>An address of an interface.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How much of it the link shares.</param>
/// <param name="Interface">The name of the interface; null for IPv6, where the kernel does not say.</param>
internal sealed record NodeAddress(IPAddress Address, int PrefixLength, string? Interface);

/// <summary>Addresses by rtnetlink.</summary>
internal sealed class NodeAddressSocket : INodeAddresses
{
    private const ushort GetAddress = 22;
    private const ushort RequestAndDump = 0x301;
    private const int HeaderLength = 8;
    private const int Address = 1;
    private const int Local = 2;
    private const int Label = 3;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.Route);

    public IReadOnlyList<NodeAddress> List()
    {
        var found = new List<NodeAddress>();
        _socket.Request(GetAddress, RequestAndDump, new byte[HeaderLength], message =>
        {
            // Of a point-to-point interface the other attribute is the peer's address.
            var attributes = message.Body[HeaderLength..];
            if ((NetlinkAttribute.Find(attributes, Local) ?? NetlinkAttribute.Find(attributes, Address)) is { } address)
            {
                found.Add(new NodeAddress(
                    new IPAddress(address.Value.Span),
                    message.Body.Span[1],
                    NetlinkAttribute.Find(attributes, Label)?.Text));
            }
        });
        return found;
    }

    public void Dispose() => _socket.Dispose();
}
