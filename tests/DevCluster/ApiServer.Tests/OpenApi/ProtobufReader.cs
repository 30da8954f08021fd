using System.Text;

namespace DevCluster.ApiServer.Tests.OpenApi;

/// <summary>Reads protobuf without knowing the message, to see what was written.</summary>
internal sealed class ProtobufReader
{
    private readonly List<(int Field, byte[] Content)> _fields = [];

    public ProtobufReader(ReadOnlySpan<byte> message)
    {
        while (message.Length > 0)
        {
            var tag = Varint(ref message);
            var length = (tag & 7) switch
            {
                0 => 0,
                1 => 8,
                2 => (int)Varint(ref message),
                var type => throw new InvalidDataException($"wire type {type}"),
            };
            if ((tag & 7) == 0)
            {
                _ = Varint(ref message);
            }

            _fields.Add(((int)(tag >> 3), message[..length].ToArray()));
            message = message[length..];
        }
    }

    public string Text(int field) => Encoding.UTF8.GetString(_fields.First(f => f.Field == field).Content);

    public ProtobufReader Message(int field) => Messages(field).First();

    public IEnumerable<ProtobufReader> Messages(int field) =>
        _fields.Where(f => f.Field == field).Select(f => new ProtobufReader(f.Content));

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
