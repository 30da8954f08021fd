using System.Net;
using System.Net.Sockets;
using CsCheck;
using Dynospace.Router.Tests.Support;
using Dynospace.Router.Transport;

namespace Dynospace.Router.Tests.Transport;

public sealed class LoopStreamTests : IAsyncLifetime
{
    private const int TooMuch = 16 * 1_024 * 1_024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly SemaphoreSlim _connecting = new(1);
    private LoopStream _stream = null!;
    private Socket _peer = null!;

    private IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public async ValueTask InitializeAsync()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        (_stream, _peer) = await ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _peer.Dispose();
        _listener.Dispose();
        _connecting.Dispose();
    }

    [Fact]
    public Task However_it_is_cut_both_sides_get_what_the_other_sent() => Gen.Select(
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, 20_000], Gen.Int[60_000, 300_000]).Array[1, 10],
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1_000, 70_000])).SampleAsync(
        async (written, read) =>
        {
            var (stream, peer) = await ConnectAsync();
            await using var ownStream = stream;
            using var ownPeer = peer;
            await using var other = new NetworkStream(peer);
            var sent = new byte[written.Sum()];
            new Random(sent.Length).NextBytes(sent);

            var echoing = EchoAsync(other);
            var writing = WriteAsync(stream, sent, written);
            var received = new MemoryStream();
            var buffer = new byte[read];
            while (received.Length < sent.Length)
            {
                received.Write(buffer.AsSpan(0, await stream.ReadSoonAsync(buffer)));
            }

            await writing;
            peer.Shutdown(SocketShutdown.Both);
            await echoing;
            return received.ToArray().AsSpan().SequenceEqual(sent);
        },
        iter: 40);

    [Fact]
    public async Task A_refusal_is_an_error_of_the_socket()
    {
        var address = Address;
        _listener.Dispose();

        var error = await Assert.ThrowsAsync<SocketException>(() => OpenAsync(address));

        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
    }

    [Fact]
    public async Task Connecting_can_be_cancelled()
    {
        // A listener whose backlog is full does not answer.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        using var stop = new CancellationTokenSource();
        List<Task<LoopStream>> connecting = [];
        for (var i = 0; i < 4; i++)
        {
            connecting.Add(LoopStream.ConnectAsync((IPEndPoint)full.LocalEndPoint!, stop.Token).AsTask());
        }

        await connecting[0].Soon();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting[^1].Soon());
        foreach (var one in connecting.Where(one => one.IsCompletedSuccessfully))
        {
            await (await one).DisposeAsync();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => LoopStream.ConnectAsync(Address, stop.Token).AsTask());
    }

    [Fact]
    public async Task The_end_is_an_end_each_time()
    {
        await _peer.SendSoonAsync("abc"u8.ToArray());
        _peer.Shutdown(SocketShutdown.Send);

        Assert.Equal(3, await ReadAsync(10));
        Assert.Equal(0, await ReadAsync(10));
        Assert.Equal(0, await ReadAsync(10));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_is_an_error_each_time(bool isPending)
    {
        var reading = isPending ? ReadAsync(10) : null;

        _peer.Close(0);

        foreach (var read in new Func<Task<int>>[] { () => reading ?? ReadAsync(10), () => ReadAsync(10) })
        {
            var error = await Assert.ThrowsAsync<IOException>(read);
            Assert.Equal(
                SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        }
    }

    [Fact]
    public async Task A_reset_that_a_write_has_found_is_no_end_for_a_read()
    {
        _peer.Close(0);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await _stream.WriteSoonAsync(new byte[1_000]);
            }
        });

        await Assert.ThrowsAsync<IOException>(() => ReadAsync(10));
    }

    [Fact]
    public async Task What_was_sent_before_the_peer_stopped_listening_can_be_read()
    {
        await _peer.SendSoonAsync("abc"u8.ToArray());
        _peer.Dispose();
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                await _stream.WriteSoonAsync(new byte[1_000]);
            }
        });

        Assert.Equal(3, await ReadAsync(10));
        Assert.Equal(0, await ReadAsync(10));
    }

    [Fact]
    public async Task Closing_fails_what_is_pending_and_what_follows()
    {
        var reading = ReadAsync(10);
        var writing = _stream.WriteSoonAsync(new byte[TooMuch]);
        Assert.False(writing.IsCompleted);

        await _stream.DisposeAsync();

        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => writing);
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(10));
        await Assert.ThrowsAsync<IOException>(() => _stream.WriteSoonAsync(new byte[1]));
    }

    [Fact]
    public async Task A_write_waits_for_the_peer_and_is_the_only_one()
    {
        var writing = _stream.WriteSoonAsync(new byte[TooMuch]);
        Assert.False(writing.IsCompleted);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _stream.WriteSoonAsync(new byte[1]));

        var buffer = new byte[100_000];
        for (var left = TooMuch; left > 0;)
        {
            left -= await _peer.ReceiveSoonAsync(buffer);
        }

        await writing;
    }

    [Fact]
    public async Task There_is_one_read_at_a_time()
    {
        var reading = ReadAsync(10);

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(10));
        await _peer.SendSoonAsync("abc"u8.ToArray());

        Assert.Equal(3, await reading);
    }

    [Fact]
    public async Task A_read_can_be_cancelled_and_the_next_one_reads_on()
    {
        using var stop = new CancellationTokenSource();
        var cancelled = new byte[10];
        var reading = _stream.ReadAsync(cancelled, stop.Token).AsTask().Soon();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await _peer.SendSoonAsync("abc"u8.ToArray());
        Assert.Equal(3, await ReadAsync(10));
        Assert.Equal(new byte[10], cancelled);
    }

    [Fact]
    public async Task A_write_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var writing = _stream.WriteAsync(new byte[TooMuch], stop.Token).AsTask().Soon();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
    }

    [Fact]
    public async Task A_read_of_nothing_waits_for_bytes()
    {
        var waiting = ReadAsync(0);
        Assert.False(waiting.IsCompleted);

        await _peer.SendSoonAsync("abc"u8.ToArray());

        Assert.Equal(0, await waiting);
        Assert.Equal(3, await ReadAsync(10));
    }

    private Task<int> ReadAsync(int count) => _stream.ReadSoonAsync(new byte[count]);

    private static Task<LoopStream> OpenAsync(IPEndPoint address) =>
        LoopStream.ConnectAsync(address, CancellationToken.None).AsTask().Soon();

    private async Task<(LoopStream Stream, Socket Peer)> ConnectAsync()
    {
        // One at a time, so that they belong together.
        await _connecting.WaitAsync();
        try
        {
            var stream = await OpenAsync(Address);
            return (stream, await _listener.AcceptAsync().Soon());
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static async Task EchoAsync(Stream stream)
    {
        var buffer = new byte[10_000];
        while (await stream.ReadSoonAsync(buffer) is > 0 and var count)
        {
            await stream.WriteSoonAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task WriteAsync(Stream stream, byte[] bytes, int[] portions)
    {
        var start = 0;
        foreach (var portion in portions)
        {
            await stream.WriteSoonAsync(bytes.AsMemory(start, portion));
            start += portion;
        }
    }
}
