using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using DevCluster.ApiServer.Http;

namespace DevCluster.ApiServer.Tests.Http;

/// <summary>SPDY/3.1 as client-go's library writes it.</summary>
public sealed class SpdyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Written by zlib with the dictionary of the specification, as one stream.</summary>
    [Fact]
    public void Headers_are_read_that_were_compressed_with_the_dictionary()
    {
        using var reader = new SpdyHeaderReader();

        var first = reader.Read(Convert.FromHexString(
            "78F9E3C6A7C202253A703A2B294A4DCC851625ACA9A0808614CB45E01C008C0D0320CD590489C64C50F2663400000000FFFF"));
        var second = reader.Read(Convert.FromHexString("C2AA19540E2512D60B000000FFFF"));

        Assert.Equal("error 5000 0", string.Join(' ', first.Values));
        Assert.Equal(
            ("data", "5000", "0"), (second["streamtype"], second["port"], second["requestid"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("78")]
    [InlineData("789C")]
    [InlineData("789CFFFFFFFF")]
    public void A_malformed_block_of_headers_is_refused(string bytes)
    {
        using var reader = new SpdyHeaderReader();

        Assert.Throws<InvalidDataException>(() => reader.Read(Convert.FromHexString(bytes)));
    }

    [Fact]
    public async Task A_stream_carries_data_both_ways_and_each_side_ends_by_itself()
    {
        await using var client = new Client();
        await using var connection = new SpdyConnection(client.Server);
        var receiving = connection.ReceiveAsync(Token);

        await client.OpenAsync(1, ("streamtype", "data"));
        var stream = await connection.Opened.ReadAsync(Token);
        Assert.Equal("data", stream.Headers["streamtype"]);
        Assert.Equal((0x8003_0002u, 1u), await client.ReadReplyAsync());

        await client.SendAsync(1, "hello", isLast: true);
        using var read = new StreamReader(stream.Input);
        Assert.Equal("hello", await read.ReadToEndAsync(Token));

        await stream.WriteAsync(new byte[100_000], Token);
        await stream.EndAsync(Token);
        Assert.Equal((100_000, true), await client.ReadDataAsync(1));

        // A client asks whether the server is there, and leaves.
        await client.PingAsync(7);
        Assert.Equal((0x8003_0006u, 7u), await client.ReadReplyAsync());
        await client.LeaveAsync();
        await receiving.WaitAsync(Token);
        Assert.False(await connection.Opened.WaitToReadAsync(Token));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_frame_ends_what_it_sent()
    {
        await using var client = new Client();
        await using var connection = new SpdyConnection(client.Server);
        var receiving = connection.ReceiveAsync(Token);
        await client.OpenAsync(1, ("streamtype", "stdin"));
        var stream = await connection.Opened.ReadAsync(Token);

        await client.WriteAsync([0, 0, 0, 1, 0, 0, 0, 10, 1, 2]);
        await client.LeaveAsync();

        await receiving.WaitAsync(Token);
        using var read = new MemoryStream();
        await stream.Input.CopyToAsync(read, Token);
        Assert.True(read.Length < 10);
    }

    /// <summary>The client's side, over pipes.</summary>
    private sealed class Client : IAsyncDisposable
    {
        private readonly Pipe _toServer = new();
        private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 0));
        private readonly MemoryStream _written = new();
        private readonly ZLibStream _headers;
        private readonly Stream _input;

        public Client()
        {
            _headers = new ZLibStream(_written, CompressionLevel.Optimal, leaveOpen: true);
            _input = _toClient.Reader.AsStream();
            Server = new Both(_toServer.Reader.AsStream(), _toClient.Writer.AsStream());
        }

        public Stream Server { get; }

        public async Task OpenAsync(uint id, params (string Name, string Value)[] headers)
        {
            _written.SetLength(0);
            Write((uint)headers.Length);
            foreach (var text in headers.SelectMany(header => new[] { header.Name, header.Value }))
            {
                Write((uint)text.Length);
                _headers.Write(Encoding.ASCII.GetBytes(text));
            }

            _headers.Flush();
            var body = new byte[10];
            BinaryPrimitives.WriteUInt32BigEndian(body, id);
            await FrameAsync(0x8003_0001, 0, [.. body, .. _written.ToArray()]);
        }

        public Task SendAsync(uint id, string text, bool isLast) =>
            FrameAsync(id, isLast ? (byte)1 : (byte)0, Encoding.ASCII.GetBytes(text));

        public Task PingAsync(byte number) => FrameAsync(0x8003_0006, 0, [0, 0, 0, number]);

        public async Task WriteAsync(byte[] bytes) => await _toServer.Writer.WriteAsync(bytes, Token);

        public async Task LeaveAsync() => await _toServer.Writer.CompleteAsync();

        /// <summary>A control frame: what it is, and the number that it begins with.</summary>
        public async Task<(uint Type, uint Number)> ReadReplyAsync()
        {
            var (first, _, body) = await ReadAsync();
            return (first, BinaryPrimitives.ReadUInt32BigEndian(body));
        }

        public async Task<(int Length, bool IsLast)> ReadDataAsync(uint id)
        {
            var length = 0;
            while (true)
            {
                var (first, flags, body) = await ReadAsync();
                Assert.Equal(id, first);
                length += body.Length;
                if ((flags & 1) != 0)
                {
                    return (length, true);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _headers.DisposeAsync();
            await _input.DisposeAsync();
            await _written.DisposeAsync();
        }

        private async Task<(uint First, byte Flags, byte[] Body)> ReadAsync()
        {
            var header = new byte[8];
            await _input.ReadExactlyAsync(header, Token);
            var body = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF];
            await _input.ReadExactlyAsync(body, Token);
            return (BinaryPrimitives.ReadUInt32BigEndian(header), header[4], body);
        }

        private async Task FrameAsync(uint first, byte flags, byte[] body)
        {
            var header = new byte[8];
            BinaryPrimitives.WriteUInt32BigEndian(header, first);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), ((uint)flags << 24) | (uint)body.Length);
            await WriteAsync([.. header, .. body]);
        }

        private void Write(uint number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
            _headers.Write(bytes);
        }
    }

    private sealed class Both(Stream input, Stream output) : ConnectionStream
    {
        public override bool CanRead => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);
    }
}
