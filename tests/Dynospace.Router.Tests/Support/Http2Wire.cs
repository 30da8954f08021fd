using System.Buffers.Binary;
using System.Net.Security;
using System.Text;

namespace Dynospace.Router.Tests.Support;

/// <summary>
/// HTTP/2 frames as the test writes them: header fields are literals, so that anything can stand in them.
/// </summary>
internal sealed class Http2Wire : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly RawClient _client;

    private Http2Wire(RawClient client) => _client = client;

    public static async Task<Http2Wire> ConnectAsync(TestRouter router)
    {
        var wire = new Http2Wire(
            await RawClient.ConnectTlsAsync(router.Server.Https!, TestRouter.Host, SslApplicationProtocol.Http2));
        await wire._client.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        await wire.FrameAsync(Settings, 0, 0, []);
        return wire;
    }

    public static (string, string)[] Get(params (string, string)[] more) =>
        [(":method", "GET"), (":scheme", "https"), (":authority", TestRouter.Host), (":path", "/"), .. more];

    /// <summary>The status of the answer; 0 when stream or connection were ended instead.</summary>
    public async Task<int> StatusOfAsync(int stream, (string Name, string Value)[] fields, string? body = null)
    {
        await FrameAsync(Headers, (byte)(EndHeaders | (body is null ? EndStream : 0)), stream, Block(fields));
        if (body is not null)
        {
            await FrameAsync(Data, EndStream, stream, Encoding.Latin1.GetBytes(body));
        }

        while (await NextAsync() is { } frame)
        {
            switch (frame.Type)
            {
                case Headers when frame.Stream == stream:
                    return StatusIn(frame.Payload);
                case ResetStream when frame.Stream == stream:
                case GoAway:
                    return 0;
            }
        }

        return 0;
    }

    public async Task<bool> WaitForGoAwayAsync()
    {
        while (await NextAsync() is { } frame)
        {
            if (frame.Type == GoAway)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends the head of a request, and no more.</summary>
    public Task BeginAsync(int stream, params (string Name, string Value)[] fields) =>
        FrameAsync(Headers, EndHeaders, stream, Block(fields));

    /// <summary>Sends some of a body.</summary>
    public Task DataAsync(int stream, string body, bool isLast) =>
        FrameAsync(Data, isLast ? EndStream : (byte)0, stream, Encoding.Latin1.GetBytes(body));

    public void Dispose() => _client.Dispose();

    /// <summary>
    /// Kestrel writes the status first, as an index of the static table or as a literal of three digits.
    /// </summary>
    private static int StatusIn(byte[] block) => block.SkipWhile(b => (b & 0xe0) == 0x20).First() switch
    {
        0x88 => 200,
        0x89 => 204,
        0x8c => 400,
        0x8d => 404,
        0x8e => 500,
        _ => int.Parse(
            Encoding.ASCII.GetString(
                block, Array.IndexOf(block, (byte)3) + 1, 3), System.Globalization.CultureInfo.InvariantCulture),
    };

    private static byte[] Block((string Name, string Value)[] fields)
    {
        var block = new List<byte>();
        foreach (var (name, value) in fields)
        {
            block.Add(0);
            Literal(block, name);
            Literal(block, value);
        }

        return [.. block];
    }

    private static void Literal(List<byte> block, string text)
    {
        if (text.Length < 127)
        {
            block.Add((byte)text.Length);
        }
        else
        {
            block.Add(127);
            var rest = text.Length - 127;
            for (; rest >= 128; rest >>= 7)
            {
                block.Add((byte)(128 | (rest & 127)));
            }

            block.Add((byte)rest);
        }

        block.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private async Task FrameAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await _client.SendAsync(frame);
    }

    private async Task<Frame?> NextAsync()
    {
        try
        {
            var head = Encoding.Latin1.GetBytes(await _client.BytesAsync(9));
            if (head.Length < 9)
            {
                return null;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(head) >> 8;
            var payload = Encoding.Latin1.GetBytes(await _client.BytesAsync(length & 0xffffff));
            return new(head[3], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record Frame(byte Type, int Stream, byte[] Payload);
}
