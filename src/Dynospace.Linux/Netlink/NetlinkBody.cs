using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;
using System.Text;

namespace Dynospace.Linux.Netlink;

/// <summary>What follows the header of a request: the header of its subsystem, then attributes.</summary>
public sealed class NetlinkBody
{
    private const int AttributeHeader = 4;
    private const ushort Nested = 0x8000;

    private byte[] _bytes = new byte[256];
    private int _length;

    /// <param name="header">The header of the subsystem.</param>
    public NetlinkBody(ReadOnlySpan<byte> header) => Append(header);

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public NetlinkBody Add(int type, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[AttributeHeader];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(AttributeHeader + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)type);
        Append(header);
        Append(value);
        Align();
        return this;
    }

    /// <summary>An attribute whose presence alone says something.</summary>
    public NetlinkBody AddFlag(int type) => Add(type, []);

    public NetlinkBody Add(int type, string text) => Add(type, Encoding.UTF8.GetBytes(text + "\0"));

    public NetlinkBody Add(int type, IPAddress address) => Add(type, address.GetAddressBytes());

    public NetlinkBody Add(int type, PhysicalAddress address) => Add(type, address.GetAddressBytes());

    public NetlinkBody Add(int type, byte value) => Add(type, [value]);

    public NetlinkBody Add(int type, int value) => Add(type, unchecked((uint)value));

    public NetlinkBody Add(int type, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Add(type, bytes);
    }

    /// <summary>A number in the byte order of the network.</summary>
    public NetlinkBody AddNetwork(int type, ushort value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return Add(type, bytes);
    }

    /// <summary>An attribute that holds attributes, and before them a header where the kind has one.</summary>
    public NetlinkBody Nest(int type, Action<NetlinkBody> content, ReadOnlySpan<byte> header = default)
    {
        var start = _length;
        Add(type | Nested, header);
        content(this);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)(_length - start));
        return this;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (_length + bytes.Length + AttributeHeader > _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Align()
    {
        var aligned = NetlinkAttribute.Aligned(_length);
        _bytes.AsSpan(_length, aligned - _length).Clear();
        _length = aligned;
    }
}
