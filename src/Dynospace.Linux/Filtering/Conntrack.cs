using System.Buffers.Binary;
using System.Net;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Filtering;

/// <summary>The connections that the kernel knows.</summary>
public interface IConntrack : IDisposable
{
    /// <summary>All of them.</summary>
    IReadOnlyList<TrackedConnection> List();

    /// <summary>Forgets one, so that its next packet counts as new. No error if it is gone.</summary>
    void Delete(TrackedConnection connection);

    /// <summary>
    /// Forgets the connections that must end. A node may have hundreds of thousands, so those that stay cost no object.
    /// </summary>
    /// <param name="mustEnd">Called once for all connections that differ only in the source port.</param>
    /// <returns>The number of forgotten connections.</returns>
    int DeleteWhere(Func<ConnectionTarget, bool> mustEnd);
}

/// <summary>A connection without its source port.</summary>
/// <param name="Source">The address of the client.</param>
/// <param name="Destination">The address of the server, after translation.</param>
/// <param name="Protocol">As in the IP header.</param>
/// <param name="Port">The port of the server; 0 without ports.</param>
public readonly record struct ConnectionTarget(IPAddress Source, IPAddress Destination, byte Protocol, ushort Port);

/// <summary>A connection as filters see it: after the destination was translated, before the source is.</summary>
/// <param name="Source">Who opened it.</param>
/// <param name="Destination">Who answers.</param>
/// <param name="Protocol">As in the IP header.</param>
/// <param name="Port">The port of who answers; 0 without ports.</param>
/// <param name="Identity">What the kernel knows it by.</param>
public sealed record TrackedConnection(
    IPAddress Source, IPAddress Destination, byte Protocol, ushort Port, ReadOnlyMemory<byte> Identity)
{
    /// <summary>The source that the other end sees; differs from <see cref="Source"/> if translated.</summary>
    public IPAddress SeenSource { get; init; } = Source;

    /// <summary>The port, or the ICMP identifier, that the other end sees; 0 for neither.</summary>
    public ushort SeenPort { get; init; }
}

/// <summary>Conntrack by ctnetlink.</summary>
public sealed class ConntrackSocket : IConntrack
{
    private const ushort Get = (1 << 8) | 1;
    private const ushort Remove = (1 << 8) | 2;
    private const ushort RequestFlag = 1;
    private const ushort DumpFlags = 0x300;
    private const int FamilyHeaderLength = 4;

    // Attributes of a connection and of its tuples.
    private const int Original = 1;
    private const int Reply = 2;
    private const int Id = 12;
    private const int Zone = 18;
    private const int Addresses = 1;
    private const int Protocol = 2;

    private readonly NetlinkSocket _socket = new(NetlinkSocket.Netfilter);

    public IReadOnlyList<TrackedConnection> List()
    {
        var found = new List<TrackedConnection>();
        ForEach(entry => found.Add(entry.Connection));
        return found;
    }

    public void Delete(TrackedConnection connection) => _socket.Delete(Remove, connection.Identity.Span);

    public int DeleteWhere(Func<ConnectionTarget, bool> mustEnd)
    {
        var judged = new Dictionary<TargetBits, bool>();
        var ending = new List<ReadOnlyMemory<byte>>();
        ForEach(entry =>
        {
            var target = entry.Target;
            if (!judged.TryGetValue(target, out var ends))
            {
                judged[target] = ends = mustEnd(new ConnectionTarget(
                    new IPAddress(entry.Original.Source.Span),
                    new IPAddress(entry.Reply.Source.Span),
                    target.Protocol,
                    target.Port));
            }

            if (ends)
            {
                ending.Add(entry.Identity);
            }
        });
        return _socket.DeleteAll(Remove, ending);
    }

    public void Dispose() => _socket.Dispose();

    private void ForEach(Action<Entry> onEntry) =>
        _socket.Request(Get, RequestFlag | DumpFlags, new byte[FamilyHeaderLength], message =>
        {
            if (Parse(message.Body) is { IsComplete: true } entry)
            {
                onEntry(entry);
            }
        });

    private static Entry Parse(ReadOnlyMemory<byte> body)
    {
        var (original, reply) = (default(Tuple), default(Tuple));
        ReadOnlyMemory<byte> id = default;
        ReadOnlyMemory<byte> zone = default;
        foreach (var attribute in NetlinkAttribute.ReadAll(body[FamilyHeaderLength..]))
        {
            switch (attribute.Type)
            {
                case Original:
                    original = ReadTuple(attribute);
                    break;
                case Reply:
                    reply = ReadTuple(attribute);
                    break;
                case Id:
                    id = attribute.Raw;
                    break;
                case Zone:
                    zone = attribute.Raw;
                    break;
            }
        }

        return new(body[..FamilyHeaderLength], original, reply, id, zone);
    }

    private static Tuple ReadTuple(NetlinkAttribute tuple)
    {
        ReadOnlyMemory<byte> source = default;
        ReadOnlyMemory<byte> destination = default;
        byte protocol = 0;
        ushort port = 0;
        ushort seenPort = 0;
        foreach (var part in NetlinkAttribute.ReadAll(tuple.Value))
        {
            foreach (var inner in NetlinkAttribute.ReadAll(part.Value))
            {
                switch ((part.Type, inner.Type))
                {
                    case (Addresses, 1 or 3):
                        source = inner.Value;
                        break;
                    case (Addresses, 2 or 4):
                        destination = inner.Value;
                        break;
                    case (Protocol, 1):
                        protocol = inner.Byte;
                        break;
                    case (Protocol, 2):
                        port = inner.NetworkUInt16;
                        break;
                    case (Protocol, 3 or 4 or 7):
                        // The port of the destination, or the identifier of ICMP or ICMPv6.
                        seenPort = inner.NetworkUInt16;
                        break;
                }
            }
        }

        return new(source, destination, protocol, port, seenPort, tuple.Raw);
    }

    /// <summary>One direction of a connection; the port is that of its source.</summary>
    private readonly record struct Tuple(
        ReadOnlyMemory<byte> Source,
        ReadOnlyMemory<byte> Destination,
        byte Protocol,
        ushort Port,
        ushort SeenPort,
        ReadOnlyMemory<byte> Raw);

    /// <summary>A connection as bytes of a message.</summary>
    private readonly record struct Entry(
        ReadOnlyMemory<byte> Header, Tuple Original, Tuple Reply, ReadOnlyMemory<byte> Id, ReadOnlyMemory<byte> Zone)
    {
        public bool IsComplete => !Original.Source.IsEmpty && !Reply.Source.IsEmpty;

        public TrackedConnection Connection
        {
            get
            {
                var source = new IPAddress(Original.Source.Span);
                return new(source, new IPAddress(Reply.Source.Span), Original.Protocol, Reply.Port, Identity)
                {
                    SeenSource = Reply.Destination.IsEmpty ? source : new IPAddress(Reply.Destination.Span),
                    SeenPort = Reply.SeenPort,
                };
            }
        }

        public TargetBits Target => new(
            Bits(Original.Source.Span), Bits(Reply.Source.Span), Original.Protocol, Reply.Port);

        public byte[] Identity => [.. Header.Span, .. Original.Raw.Span, .. Id.Span, .. Zone.Span];

        /// <summary>An IPv4 address as IPv6 maps it.</summary>
        private static UInt128 Bits(ReadOnlySpan<byte> address) => address.Length == sizeof(uint)
            ? new UInt128(0, 0xffff_0000_0000UL | BinaryPrimitives.ReadUInt32BigEndian(address))
            : BinaryPrimitives.ReadUInt128BigEndian(address);
    }

    /// <summary>A <see cref="ConnectionTarget"/> that is compared without objects.</summary>
    private readonly record struct TargetBits(UInt128 Source, UInt128 Destination, byte Protocol, ushort Port);
}
