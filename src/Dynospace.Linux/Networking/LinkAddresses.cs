using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Networking;

/// <summary>The addresses of links.</summary>
public interface ILinkAddresses
{
    /// <summary>Every address of the namespace.</summary>
    IReadOnlyList<LinkAddress> List();

    /// <summary>Gives a link an address. No error if it has it.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Add(LinkAddress address);

    /// <summary>Takes an address from a link. No error if it has none such.</summary>
    /// <exception cref="NetlinkException">The kernel refuses it.</exception>
    void Delete(LinkAddress address);
}

/// <summary>An address of a link.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How much of it the link shares.</param>
/// <param name="Link">The index of the link.</param>
public sealed record LinkAddress(IPAddress Address, int PrefixLength, int Link)
{
    /// <summary>The other end of a point-to-point link.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>Whether the link shares no network: the prefix leaves this address alone.</summary>
    public bool IsSingle => PrefixLength == 8 * Address.GetAddressBytes().Length;

    /// <summary>Whether another address is of the network that the link shares.</summary>
    public bool Shares(IPAddress other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (own, others) = (Address.GetAddressBytes(), other.GetAddressBytes());
        return own.Length == others.Length
            && Enumerable.Range(0, PrefixLength)
                .All(bit => ((own[bit / 8] ^ others[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }
}

/// <summary>Addresses by rtnetlink.</summary>
internal sealed class LinkAddressSocket(NetlinkSocket socket) : ILinkAddresses
{
    private const int HeaderLength = 8;
    private const int AddressAttribute = 1;
    private const int LocalAttribute = 2;
    private const int BroadcastAttribute = 4;
    private const int LongestBroadcastPrefix = 30;
    private const byte NoDuplicateDetection = 2;

    public IReadOnlyList<LinkAddress> List() =>
        socket.Dump(RouteMessages.GetAddress, new byte[HeaderLength], Read);

    public void Add(LinkAddress address)
    {
        var body = Body(address);
        if (address is { Peer: null, PrefixLength: <= LongestBroadcastPrefix }
            && address.Address.AddressFamily == AddressFamily.InterNetwork)
        {
            var hosts = uint.MaxValue >> address.PrefixLength;
            var value = BinaryPrimitives.ReadUInt32BigEndian(address.Address.GetAddressBytes()) | hosts;
            body.Add(BroadcastAttribute, new IPAddress(BinaryPrimitives.ReverseEndianness(value)));
        }

        socket.Change(RouteMessages.NewAddress, RouteMessages.Create | RouteMessages.Replace, body.Bytes);
    }

    public void Delete(LinkAddress address) => socket.Delete(RouteMessages.DeleteAddress, Body(address).Bytes);

    private static NetlinkBody Body(LinkAddress address)
    {
        var header = new byte[HeaderLength];
        header[0] = RouteMessages.Family(address.Address.AddressFamily);
        header[1] = (byte)address.PrefixLength;
        // Who gives an address here knows that it is free: an IPv6 address can be used at once.
        header[2] = header[0] == RouteMessages.Internet6 ? NoDuplicateDetection : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), address.Link);
        return new NetlinkBody(header)
            .Add(LocalAttribute, address.Address)
            .Add(AddressAttribute, address.Peer ?? address.Address);
    }

    private static LinkAddress? Read(NetlinkMessage message)
    {
        // Of a point-to-point link the first attribute is the peer's address.
        var attributes = message.Body[HeaderLength..];
        var first = NetlinkAttribute.Find(attributes, AddressAttribute)?.Address;
        var local = NetlinkAttribute.Find(attributes, LocalAttribute)?.Address ?? first;
        return message.Type == RouteMessages.NewAddress && local is not null
            ? new LinkAddress(
                local, message.Body.Span[1], BinaryPrimitives.ReadInt32LittleEndian(message.Body.Span[4..]))
            {
                Peer = local.Equals(first) ? null : first,
            }
            : null;
    }
}
