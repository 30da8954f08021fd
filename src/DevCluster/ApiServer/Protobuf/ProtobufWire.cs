using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using DevCluster.Schema.Errors;

namespace DevCluster.ApiServer.Protobuf;

/// <summary>Reads the protobuf wire format.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public (int Field, int WireType) ReadTag()
    {
        var tag = ReadVarint();
        return ((int)(tag >> 3), (int)(tag & 7));
    }

    public ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Malformed();
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadVarint();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Malformed();
    }

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public void Skip(int wireType)
    {
        switch (wireType)
        {
            case 0:
                ReadVarint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                ReadBytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Malformed();
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Malformed();
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private static ApiStatusException Malformed() => ApiErrors.BadRequest("the protobuf body is cut off or malformed");
}

/// <summary>Writes the protobuf wire format. Zero values are omitted.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Text(int field, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Bytes(field, Encoding.UTF8.GetBytes(value));
        }
    }

    public void Boolean(int field, bool value)
    {
        if (value)
        {
            Number(field, 1);
        }
    }

    public void Number(int field, long value)
    {
        if (value != 0)
        {
            Tag(field, Varint);
            Raw((ulong)value);
        }
    }

    public void Float(int field, double value)
    {
        if (value != 0)
        {
            Tag(field, Fixed64);
            BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(sizeof(double)), value);
            _buffer.Advance(sizeof(double));
        }
    }

    /// <summary>Writes a nested message, even if it is empty.</summary>
    public void Message(int field, Action<ProtobufWriter> content)
    {
        var inner = new ProtobufWriter();
        content(inner);
        Bytes(field, inner._buffer.WrittenSpan);
    }

    private void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, LengthDelimited);
        Raw((ulong)value.Length);
        _buffer.Write(value);
    }

    private void Tag(int field, int wireType) => Raw((ulong)((field << 3) | wireType));

    private void Raw(ulong value)
    {
        while (value >= 0x80)
        {
            _buffer.GetSpan(1)[0] = (byte)(value | 0x80);
            _buffer.Advance(1);
            value >>= 7;
        }

        _buffer.GetSpan(1)[0] = (byte)value;
        _buffer.Advance(1);
    }
}
