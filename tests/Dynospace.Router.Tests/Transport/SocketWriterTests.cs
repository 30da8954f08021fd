using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using CsCheck;
using Dynospace.Router.Tests.Support;

namespace Dynospace.Router.Tests.Transport;

public sealed class SocketWriterTests
{
    /// <summary>More than the kernel takes of a client that reads nothing.</summary>
    private const int TooMuch = 16 * 1_024 * 1_024;

    /// <summary>What is written at a time, after how many of them it is flushed, and what the client reads.</summary>
    private static readonly Gen<(int[] Written, int Flushed, int Read)> Exchanges = Gen.Select(
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, 20_000], Gen.Const(4_096), Gen.Int[60_000, 300_000]).Array[1, 12],
        Gen.Int[1, 4],
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1_000, 100_000]));

    [Fact]
    public Task However_it_is_written_and_read_it_is_what_was_written() => Exchanges.SampleAsync(
        async exchange =>
        {
            await using var pair = await TransportPair.ConnectAsync();
            var expected = new byte[exchange.Written.Sum()];
            new Random(expected.Length).NextBytes(expected);
            var receiving = ReceiveAllAsync(pair.Client, exchange.Read);

            var start = 0;
            for (var i = 0; i < exchange.Written.Length; i++)
            {
                pair.Output.Write(expected.AsSpan(start, exchange.Written[i]));
                start += exchange.Written[i];
                if ((i + 1) % exchange.Flushed == 0)
                {
                    Assert.False((await pair.Output.FlushSoonAsync()).IsCompleted);
                    Assert.Equal(0, pair.Output.UnflushedBytes);
                }
            }

            await pair.Output.FlushSoonAsync();
            await pair.Server.DisposeAsync();
            return (await receiving).AsSpan().SequenceEqual(expected);
        },
        iter: 60);

    [Fact]
    public async Task A_flush_waits_for_the_client()
    {
        await using var pair = await TransportPair.ConnectAsync();

        var flushing = Flood(pair.Output);

        Assert.False(flushing.IsCompleted);
        Assert.Throws<InvalidOperationException>(() => pair.Output.GetMemory());
        Assert.Throws<InvalidOperationException>(() => pair.Output.Advance(1));
        await Assert.ThrowsAsync<InvalidOperationException>(pair.Output.FlushSoonAsync);
        Assert.Equal(TooMuch, (await pair.ReceiveAsync(TooMuch)).Length);
        Assert.False((await flushing).IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_completes_the_flush_and_closes(bool isReset)
    {
        await using var pair = await TransportPair.ConnectAsync();
        var flushing = Flood(pair.Output);

        if (isReset)
        {
            pair.ResetClient();
        }
        else
        {
            pair.Client.Dispose();
        }

        Assert.True((await flushing).IsCompleted);
        await pair.ClosedAsync();
        pair.Output.Write("more"u8);
        Assert.True((await pair.Output.FlushSoonAsync()).IsCompleted);
    }

    [Fact]
    public async Task An_abort_completes_the_flush()
    {
        await using var pair = await TransportPair.ConnectAsync();
        var flushing = Flood(pair.Output);

        pair.Server.Abort();

        Assert.True((await flushing).IsCompleted);
        await pair.ClosedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_can_be_cancelled_and_the_next_one_sends_the_rest(bool isByToken)
    {
        await using var pair = await TransportPair.ConnectAsync();
        using var stop = new CancellationTokenSource();
        pair.Output.Write(new byte[TooMuch]);
        var flushing = pair.Output.FlushAsync(stop.Token).AsTask().Soon();

        if (isByToken)
        {
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing);
        }
        else
        {
            pair.Output.CancelPendingFlush();
            Assert.True((await flushing).IsCanceled);
        }

        pair.Output.Write("end"u8);
        var rest = pair.Output.FlushSoonAsync();
        var received = await pair.ReceiveAsync(TooMuch + 3);
        Assert.False((await rest).IsCanceled);
        Assert.Equal("end"u8.ToArray(), received[TooMuch..]);
    }

    [Fact]
    public async Task A_cancellation_before_the_flush_is_for_that_flush()
    {
        await using var pair = await TransportPair.ConnectAsync();
        pair.Output.CancelPendingFlush();
        pair.Output.Write("abc"u8);

        Assert.True((await pair.Output.FlushSoonAsync()).IsCanceled);
        Assert.False((await pair.Output.FlushSoonAsync()).IsCanceled);

        Assert.Equal("abc"u8.ToArray(), await pair.ReceiveAsync(3));
    }

    [Fact]
    public async Task Memory_as_large_as_asked_for_is_given()
    {
        await using var pair = await TransportPair.ConnectAsync();
        foreach (var size in new[] { 0, 1, 4_096, 4_097, 65_536, 65_537, 1_000_000 })
        {
            Assert.InRange(pair.Output.GetMemory(size).Length, Math.Max(size, 1), int.MaxValue);
        }

        Assert.Throws<InvalidOperationException>(() => pair.Output.Advance(int.MaxValue));
        pair.Output.Write("abc"u8);
        await pair.Output.FlushSoonAsync();
        Assert.Equal("abc"u8.ToArray(), await pair.ReceiveAsync(3));
    }

    [Fact]
    public async Task The_end_comes_after_all_that_was_written_also_when_the_client_sent_more_than_was_read()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync(new byte[100_000]);
        var read = await pair.Input.ReadSoonAsync();
        pair.Input.AdvanceTo(read.Buffer.End);
        pair.Output.Write("answer"u8);
        await pair.Output.FlushSoonAsync();

        await pair.Server.DisposeAsync();

        Assert.Equal("answer"u8.ToArray(), await ReceiveAllAsync(pair.Client, 100));
    }

    [Fact]
    public async Task What_was_not_flushed_is_sent_by_completing()
    {
        await using var pair = await TransportPair.ConnectAsync();
        pair.Output.Write("abc"u8);

        pair.Output.Complete();

        Assert.Equal("abc"u8.ToArray(), await pair.ReceiveAsync(3));
    }

    private static Task<FlushResult> Flood(PipeWriter output)
    {
        output.Write(new byte[TooMuch]);
        return output.FlushSoonAsync();
    }

    private static async Task<byte[]> ReceiveAllAsync(Socket client, int portion)
    {
        using var received = new MemoryStream();
        var buffer = new byte[portion];
        while (await client.ReceiveSoonAsync(buffer) is > 0 and var count)
        {
            received.Write(buffer.AsSpan(0, count));
        }

        return received.ToArray();
    }
}
