using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Dynospace.Router.Tests.Support;
using Dynospace.Router.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Router.Tests.Transport;

/// <summary>A listener of the transport on loopback.</summary>
internal sealed class TransportListener : IAsyncDisposable
{
    private readonly IConnectionListener _listener;

    private TransportListener(IConnectionListener listener) => _listener = listener;

    public IPEndPoint Address => (IPEndPoint)_listener.EndPoint;

    public static Task<TransportListener> StartAsync() => StartAsync(new(IPAddress.Loopback, 0));

    public static async Task<TransportListener> StartAsync(IPEndPoint address) => new(
        await new LoopTransport(new SharedPools(), NullLoggerFactory.Instance, backlog: 512).BindAsync(address));

    /// <summary>The next connection; null when the listener has ended.</summary>
    public async Task<LoopConnection?> AcceptAsync() =>
        (LoopConnection?)await _listener.AcceptAsync().AsTask().Soon();

    public Task UnbindAsync() => _listener.UnbindAsync().AsTask();

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private sealed class SharedPools : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => MemoryPool<byte>.Shared;
    }
}

/// <summary>A client with a socket of the runtime, and its connection as the server has it.</summary>
internal sealed class TransportPair : IAsyncDisposable
{
    private readonly TransportListener _listener;

    private TransportPair(TransportListener listener, Socket client, LoopConnection server) =>
        (_listener, Client, Server) = (listener, client, server);

    public Socket Client { get; }

    public LoopConnection Server { get; }

    public PipeReader Input => Server.Transport.Input;

    public PipeWriter Output => Server.Transport.Output;

    public static async Task<TransportPair> ConnectAsync()
    {
        var listener = await TransportListener.StartAsync();
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectSoonAsync(listener.Address);
        return new(listener, client, (await listener.AcceptAsync())!);
    }

    /// <summary>Completes when the server is notified that the connection is over.</summary>
    public Task ClosedAsync() => ClosedAsync(Server);

    public static Task ClosedAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(closed.SetResult);
        return closed.Task.Soon();
    }

    /// <summary>Ends the client's connection by a reset.</summary>
    public void ResetClient() => Client.Close(0);

    /// <summary>Receives exactly this many bytes at the client.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        for (var length = 0; length < count;)
        {
            var received = await Client.ReceiveAsync(bytes.AsMemory(length)).AsTask().Soon();
            length += received > 0 ? received : throw new EndOfStreamException();
        }

        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        await _listener.DisposeAsync();
    }
}

internal static class TransportExtensions
{
    public static Task ConnectSoonAsync(this Socket socket, EndPoint address) => socket.ConnectAsync(address).Soon();

    public static async Task SendSoonAsync(this Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent)).AsTask().Soon();
        }
    }

    public static Task<int> ReceiveSoonAsync(this Socket socket, byte[] buffer) => socket.ReceiveAsync(buffer).Soon();

    public static Task<int> ReadSoonAsync(this Stream stream, byte[] buffer) =>
        stream.ReadAsync(buffer).AsTask().Soon();

    public static Task WriteSoonAsync(this Stream stream, ReadOnlyMemory<byte> bytes) =>
        stream.WriteAsync(bytes).AsTask().Soon();

    public static Task<ReadResult> ReadSoonAsync(this PipeReader reader) => reader.ReadAsync().AsTask().Soon();

    public static Task<FlushResult> FlushSoonAsync(this PipeWriter writer) => writer.FlushAsync().AsTask().Soon();

    /// <summary>Reads and consumes exactly this many bytes.</summary>
    public static async Task<byte[]> TakeAsync(this PipeReader reader, int count)
    {
        var result = await reader.ReadAtLeastAsync(count).AsTask().Soon();
        var taken = result.Buffer.Slice(0, count);
        var bytes = taken.ToArray();
        reader.AdvanceTo(taken.End);
        return bytes;
    }
}
