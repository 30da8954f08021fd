using System.Buffers;
using System.Net.Sockets;
using Dynospace.Router.Tests.Support;
using Dynospace.Router.Transport;
using Microsoft.AspNetCore.Connections;

namespace Dynospace.Router.Tests.Transport;

/// <summary>
/// The kernel gives a closed descriptor's number to the next connection, which may be another tenant's.
/// </summary>
public sealed class DescriptorTests
{
    [Fact]
    public async Task A_closed_socket_cannot_reach_the_connection_that_has_its_number_next()
    {
        await using var listener = await TransportListener.StartAsync();
        List<LoopConnection> closed = [];
        HashSet<int> numbers = [];
        List<(Socket Client, LoopConnection Server)> open = [];

        // Closed and opened in turn, until the kernel has given a number a second time.
        var isReused = false;
        for (var i = 0; !isReused; i++)
        {
            Assert.True(i < 1_000, "No number was given twice.");
            var (client, server) = await ConnectAsync(listener);
            isReused = !numbers.Add(server.Socket.Call(static (_, descriptor) => descriptor, 0));
            if (isReused)
            {
                open.Add((client, server));
            }
            else
            {
                closed.Add(server);
                await server.DisposeAsync();
                client.Dispose();
            }
        }

        foreach (var connection in closed)
        {
            Assert.Equal(LinuxCalls.NotOpen, connection.Socket.Send("stray"u8, hasMore: false));
            Assert.Equal(LinuxCalls.NotOpen, connection.Socket.Receive(new byte[10]));
            Assert.Equal(LinuxCalls.NotOpen, connection.Socket.Call(static (_, descriptor) => descriptor, 0));
            connection.Abort();
            connection.Socket.Reset();
            connection.Socket.Dispose();
        }

        var (last, current) = open.Single();
        await last.SendSoonAsync("abc"u8.ToArray());
        Assert.Equal("abc"u8.ToArray(), await current.Transport.Input.TakeAsync(3));
        current.Transport.Output.Write("def"u8);
        await current.Transport.Output.FlushSoonAsync();
        var received = new byte[10];
        Assert.Equal(3, await last.ReceiveSoonAsync(received));
        Assert.Equal("def"u8.ToArray(), received[..3]);
        await current.DisposeAsync();
        last.Dispose();
    }

    [Fact]
    public async Task An_event_of_a_closed_socket_finds_no_other()
    {
        await using var pair = await TransportPair.ConnectAsync();
        var table = new SocketTable();
        var keys = new HashSet<ulong>();
        for (var i = 0; i < 1_000; i++)
        {
            var key = table.Add(pair.Server.Socket);

            Assert.True(keys.Add(key));
            table.Remove(key);
            Assert.Null(table.Find(key));
        }
    }

    /// <summary>
    /// Each client sends bytes of its own and must get no others, whichever side ends a connection at any time.
    /// </summary>
    [Fact]
    public async Task No_connection_gets_bytes_of_another()
    {
        const int Clients = 48;
        const int Connections = 40;
        await using var listener = await TransportListener.StartAsync();
        var serving = ServeAsync(listener);

        await Task.WhenAll(Enumerable.Range(1, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < Connections; i++)
            {
                await EchoAsync(listener, (byte)client, random);
            }
        }))).Soon();

        await listener.UnbindAsync();
        await serving.Soon();
    }

    [Fact]
    public async Task A_thousand_connections_are_served_at_once()
    {
        await using var listener = await TransportListener.StartAsync();
        var serving = ServeAsync(listener, isSteady: true);
        List<Socket> clients = [];
        for (var i = 0; i < 1_000; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectSoonAsync(listener.Address);
            clients.Add(client);
        }

        foreach (var (client, i) in clients.Select((client, i) => (client, i)))
        {
            await client.SendSoonAsync(BitConverter.GetBytes(i));
        }

        foreach (var (client, i) in clients.Select((client, i) => (client, i)))
        {
            var received = new byte[100];
            Assert.Equal(4, await client.ReceiveSoonAsync(received));
            Assert.Equal(i, BitConverter.ToInt32(received));
            client.Dispose();
        }

        await listener.UnbindAsync();
        await serving.Soon();
    }

    /// <summary>Bytes that never end must not occupy the thread of their loop.</summary>
    [Fact]
    public async Task A_flood_leaves_the_others_their_turn()
    {
        await using var listener = await TransportListener.StartAsync();
        List<Task> floods = [];
        List<Socket> clients = [];
        for (var i = 0; i < 2 * Environment.ProcessorCount + 2; i++)
        {
            var (client, server) = await ConnectAsync(listener);
            clients.Add(client);
            floods.Add(FloodAsync(client));
            floods.Add(DiscardAsync(server));
        }

        for (var i = 0; i < 20; i++)
        {
            var (client, server) = await ConnectAsync(listener);
            var echoing = EchoAsync(server, null);
            await client.SendSoonAsync("abc"u8.ToArray());
            Assert.Equal(3, await client.ReceiveSoonAsync(new byte[3]));
            client.Dispose();
            await echoing.Soon();
        }

        clients.ForEach(client => client.Dispose());
        await Task.WhenAll(floods).Soon();

        static async Task FloodAsync(Socket client)
        {
            var bytes = new byte[256 * 1_024];
            await Task.Yield();
            try
            {
                while (true)
                {
                    await client.SendSoonAsync(bytes);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        static async Task DiscardAsync(LoopConnection server)
        {
            try
            {
                while (await server.Transport.Input.ReadAsync() is { IsCompleted: false, Buffer: var buffer })
                {
                    server.Transport.Input.AdvanceTo(buffer.End);
                }
            }
            catch (ConnectionResetException)
            {
                // The test is over.
            }

            await server.DisposeAsync();
        }
    }

    private static async Task<(Socket Client, LoopConnection Server)> ConnectAsync(TransportListener listener)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectSoonAsync(listener.Address);
        return (client, (await listener.AcceptAsync())!);
    }

    private static async Task ServeAsync(TransportListener listener, bool isSteady = false)
    {
        List<Task> connections = [];
        var random = new Random(1);
        while (await listener.AcceptAsync() is { } connection)
        {
            int? until = isSteady || random.Next(3) > 0 ? null : random.Next(200_000);
            connections.Add(Task.Run(() => EchoAsync(connection, until)));
        }

        await Task.WhenAll(connections);
    }

    /// <summary>Sends back what it receives; aborts the connection after this many bytes.</summary>
    private static async Task EchoAsync(LoopConnection connection, int? until)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        var length = 0L;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                foreach (var part in result.Buffer)
                {
                    output.Write(part.Span);
                }

                length += result.Buffer.Length;
                input.AdvanceTo(result.Buffer.End);
                if ((await output.FlushAsync()).IsCompleted || result.IsCompleted)
                {
                    break;
                }

                if (length > until)
                {
                    // From another thread, as time-outs do.
                    _ = Task.Run(connection.Abort);
                }
            }
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            // Either side has ended it.
        }

        await connection.DisposeAsync();
    }

    private static async Task EchoAsync(TransportListener listener, byte own, Random random)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var sent = new byte[random.Next(1, 100_000)];
        sent.AsSpan().Fill(own);
        var received = new byte[20_000];
        try
        {
            await client.ConnectSoonAsync(listener.Address);
            var sending = client.SendAsync(sent).ContinueWith(
                static task => _ = task.Exception, TaskScheduler.Default);
            var leavesAfter = random.Next(2) == 0 ? sent.Length : random.Next(sent.Length);
            for (var length = 0; length < leavesAfter;)
            {
                var count = await client.ReceiveSoonAsync(received);
                Assert.False(received.AsSpan(0, count).ContainsAnyExcept(own), "A byte of another connection came.");
                length += count > 0 ? count : sent.Length;
            }

            if (random.Next(2) == 0)
            {
                client.Close(0);
            }

            await sending;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Either side has ended it.
        }
    }
}
