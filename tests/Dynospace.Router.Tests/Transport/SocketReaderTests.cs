using System.Buffers;
using System.Net.Sockets;
using CsCheck;
using Dynospace.Router.Tests.Support;
using Microsoft.AspNetCore.Connections;

namespace Dynospace.Router.Tests.Transport;

public sealed class SocketReaderTests
{
    /// <summary>What the client sends at a time, and how much of what was read the server takes and looks at.</summary>
    private static readonly Gen<(int[] Sent, (int Taken, int Examined)[] Steps)> Exchanges = Gen.Select(
        Gen.OneOf(Gen.Int[1, 100], Gen.Int[1, 20_000], Gen.Const(4_096), Gen.Int[60_000, 200_000]).Array[1, 12],
        Gen.Select(Gen.Int[0, 100], Gen.Int[0, 100]).Array[1, 12]);

    [Fact]
    public Task However_it_is_sent_and_taken_it_is_what_was_sent() => Exchanges.SampleAsync(
        async exchange =>
        {
            await using var pair = await TransportPair.ConnectAsync();
            var expected = new byte[exchange.Sent.Sum()];
            new Random(expected.Length).NextBytes(expected);
            var sending = SendAsync(pair.Client, expected, exchange.Sent);

            var received = new ArrayBufferWriter<byte>(expected.Length);
            for (var step = 0; ; step++)
            {
                var result = await pair.Input.ReadSoonAsync();
                var buffer = result.Buffer;
                var (taken, examined) = exchange.Steps[step % exchange.Steps.Length];
                var count = result.IsCompleted ? buffer.Length : buffer.Length * taken / 100;
                foreach (var part in buffer.Slice(0, count))
                {
                    received.Write(part.Span);
                }

                // The last step looks at all, or the same bytes would be returned for ever.
                var seen = examined > 50 || count == 0 ? buffer.Length : count;
                pair.Input.AdvanceTo(buffer.GetPosition(count), buffer.GetPosition(seen));
                if (result.IsCompleted)
                {
                    break;
                }
            }

            await sending;
            return received.WrittenSpan.SequenceEqual(expected);
        },
        iter: 60);

    [Fact]
    public async Task A_read_waits_for_bytes()
    {
        await using var pair = await TransportPair.ConnectAsync();

        Assert.False(pair.Input.TryRead(out _));
        var reading = pair.Input.ReadSoonAsync();
        Assert.False(reading.IsCompleted);
        await pair.Client.SendSoonAsync("abc"u8.ToArray());

        Assert.Equal("abc"u8.ToArray(), (await reading).Buffer.ToArray());
    }

    [Fact]
    public async Task Bytes_that_were_not_examined_are_returned_again_at_once()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());

        var first = await pair.Input.ReadSoonAsync();
        pair.Input.AdvanceTo(first.Buffer.GetPosition(1));

        Assert.True(pair.Input.TryRead(out var again));
        Assert.Equal("bc"u8.ToArray(), again.Buffer.ToArray());
    }

    [Fact]
    public async Task Bytes_that_were_examined_are_returned_with_the_next_ones()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());

        var first = await pair.Input.ReadSoonAsync();
        pair.Input.AdvanceTo(first.Buffer.GetPosition(1), first.Buffer.End);
        var next = pair.Input.ReadSoonAsync();
        Assert.False(next.IsCompleted);
        await pair.Client.SendSoonAsync("d"u8.ToArray());

        Assert.Equal("bcd"u8.ToArray(), (await next).Buffer.ToArray());
    }

    [Fact]
    public async Task A_client_that_ends_its_sending_is_an_end_after_its_bytes()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        pair.Client.Shutdown(SocketShutdown.Send);
        await pair.ClosedAsync();

        Assert.Equal("abc"u8.ToArray(), await pair.Input.TakeAsync(3));
        Assert.True((await pair.Input.ReadSoonAsync()).IsCompleted);
        Assert.True((await pair.Input.ReadSoonAsync()).IsCompleted);
    }

    [Fact]
    public async Task A_client_that_leaves_is_noticed_while_nobody_reads()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        var read = await pair.Input.ReadSoonAsync();

        pair.Client.Dispose();
        await pair.ClosedAsync();

        Assert.Equal("abc"u8.ToArray(), read.Buffer.ToArray());
    }

    [Fact]
    public async Task What_came_before_the_end_is_there_after_an_abort()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        pair.Client.Shutdown(SocketShutdown.Send);
        await pair.ClosedAsync();

        pair.Server.Abort();

        Assert.Equal("abc"u8.ToArray(), await pair.Input.TakeAsync(3));
    }

    [Fact]
    public async Task Of_a_client_that_has_left_not_everything_is_held()
    {
        const int Sent = 4 * 1_024 * 1_024;
        await using var pair = await TransportPair.ConnectAsync();
        pair.Client.SendBufferSize = 2 * Sent;
        var sending = SendAsync(pair.Client, new byte[Sent], [Sent]);

        var length = 0L;
        while (true)
        {
            var result = await pair.Input.ReadSoonAsync();
            Assert.InRange(result.Buffer.Length, 0, 2 * 1_024 * 1_024);
            length += result.Buffer.Length;
            pair.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await sending;
        Assert.Equal(Sent, length);
        await pair.ClosedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_fails_the_read_and_closes(bool isPending)
    {
        await using var pair = await TransportPair.ConnectAsync();
        var reading = isPending ? pair.Input.ReadSoonAsync() : null;

        pair.ResetClient();
        await pair.ClosedAsync();

        await Assert.ThrowsAsync<ConnectionResetException>(() => reading ?? pair.Input.ReadSoonAsync());
        await Assert.ThrowsAsync<ConnectionResetException>(pair.Input.ReadSoonAsync);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_abort_fails_the_read_and_resets_the_client(bool isPending)
    {
        await using var pair = await TransportPair.ConnectAsync();
        var reading = isPending ? pair.Input.ReadSoonAsync() : null;

        pair.Server.Abort();

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading ?? pair.Input.ReadSoonAsync());
        await pair.ClosedAsync();
        var error = await Assert.ThrowsAsync<SocketException>(() => pair.ReceiveAsync(1));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_can_be_cancelled_and_the_next_one_reads_on(bool isPending)
    {
        await using var pair = await TransportPair.ConnectAsync();
        var reading = isPending ? pair.Input.ReadSoonAsync() : null;

        pair.Input.CancelPendingRead();

        Assert.True((await (reading ?? pair.Input.ReadSoonAsync())).IsCanceled);
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        Assert.Equal("abc"u8.ToArray(), await pair.Input.TakeAsync(3));
    }

    [Fact]
    public async Task A_token_cancels_one_read()
    {
        await using var pair = await TransportPair.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var reading = pair.Input.ReadAsync(stop.Token).AsTask().Soon();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        Assert.Equal("abc"u8.ToArray(), await pair.Input.TakeAsync(3));
    }

    [Fact]
    public async Task There_is_one_read_at_a_time_and_none_after_the_last()
    {
        await using var pair = await TransportPair.ConnectAsync();
        var reading = pair.Input.ReadSoonAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(pair.Input.ReadSoonAsync);
        pair.Server.Abort();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading);
        pair.Input.Complete();
        await Assert.ThrowsAsync<InvalidOperationException>(pair.Input.ReadSoonAsync);
    }

    [Fact]
    public async Task Bytes_in_use_stay_as_they_are_when_the_reader_is_completed()
    {
        await using var pair = await TransportPair.ConnectAsync();
        await pair.Client.SendSoonAsync("abc"u8.ToArray());
        var read = await pair.Input.ReadSoonAsync();

        pair.Input.Complete();
        await using var other = await TransportPair.ConnectAsync();
        await other.Client.SendSoonAsync("xyz"u8.ToArray());
        var taken = await other.Input.ReadSoonAsync();

        Assert.Equal("abc"u8.ToArray(), read.Buffer.ToArray());
        Assert.Equal("xyz"u8.ToArray(), taken.Buffer.ToArray());
    }

    private static async Task SendAsync(Socket client, byte[] bytes, int[] portions)
    {
        var start = 0;
        foreach (var portion in portions)
        {
            await client.SendSoonAsync(bytes[start..(start + portion)]);
            start += portion;
            await Task.Yield();
        }

        client.Shutdown(SocketShutdown.Send);
    }
}
