using System.Net;
using System.Net.Sockets;
using Dynospace.Linux.Netlink;

namespace Dynospace.Linux.Filtering;

/// <summary>The connections that the kernel knows.</summary>
public interface IConntrack : IDisposable
{
    /// <summary>All of them.</summary>
    IReadOnlyList<TrackedConnection> List();

    /// <summary>Forgets one, so that its next packet counts as new. No error if it is gone.</summary>
    void Delete(TrackedConnection connection);
}

/// <summary>A connection as filters see it: after the destination was translated, before the source is.</summary>
/// <param name="Source">Who opened it.</param>
/// <param name="Destination">Who answers.</param>
/// <param name="Protocol">As in the IP header.</param>
/// <param name="Port">The port of who answers; 0 without ports.</param>
/// <param name="Identity">What the kernel knows it by.</param>
public sealed record TrackedConnection(
    IPAddress Source, IPAddress Destination, byte Protocol, ushort Port, ReadOnlyMemory<byte> Identity)
{
    /// <summary>The source that the other end sees: another than <see cref="Source"/> if it is translated.</summary>
    public IPAddress SeenSource { get; init; } = Source;
}

/// <summary>Conntrack by ctnetlink.</summary>
public sealed class ConntrackSocket : IConntrack
{
    private const ushort Get = (1 << 8) | 1;
    private const ushort Remove = (1 << 8) | 2;
    private const ushort RequestFlag = 1;
    private const ushort AcknowledgeFlag = 4;
    private const ushort DumpFlags = 0x300;
    private const int FamilyHeaderLength = 4;
    private const int NoSuchEntry = 2;

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
        _socket.Request(Get, RequestFlag | DumpFlags, new byte[FamilyHeaderLength], message =>
        {
            if (Read(message.Body) is { } connection)
            {
                found.Add(connection);
            }
        });
        return found;
    }

    public void Delete(TrackedConnection connection)
    {
        try
        {
            _socket.Request(Remove, RequestFlag | AcknowledgeFlag, connection.Identity.Span, _ => { });
        }
        catch (SocketException e) when (e.NativeErrorCode == NoSuchEntry)
        {
            // It ended by itself.
        }
    }

    public void Dispose() => _socket.Dispose();

    private static TrackedConnection? Read(ReadOnlyMemory<byte> body)
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

        if (original.Source is not { } source || reply.Source is not { } answering)
        {
            return null;
        }

        byte[] identity = [.. body[..FamilyHeaderLength].Span, .. original.Raw.Span, .. id.Span, .. zone.Span];
        return new(source, answering, original.Protocol, reply.Port, identity)
        {
            SeenSource = reply.Destination ?? source,
        };
    }

    private static Tuple ReadTuple(NetlinkAttribute tuple)
    {
        IPAddress? source = null;
        IPAddress? destination = null;
        byte protocol = 0;
        ushort port = 0;
        foreach (var part in NetlinkAttribute.ReadAll(tuple.Value))
        {
            foreach (var inner in NetlinkAttribute.ReadAll(part.Value))
            {
                switch ((part.Type, inner.Type))
                {
                    case (Addresses, 1 or 3):
                        source = inner.Address;
                        break;
                    case (Addresses, 2 or 4):
                        destination = inner.Address;
                        break;
                    case (Protocol, 1):
                        protocol = inner.Byte;
                        break;
                    case (Protocol, 2):
                        port = inner.NetworkUInt16;
                        break;
                }
            }
        }

        return new(source, destination, protocol, port, tuple.Raw);
    }

    /// <summary>One direction of a connection; the port is that of its source.</summary>
    private readonly record struct Tuple(
        IPAddress? Source, IPAddress? Destination, byte Protocol, ushort Port, ReadOnlyMemory<byte> Raw);
}
