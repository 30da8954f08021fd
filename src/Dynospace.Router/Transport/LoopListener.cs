using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Transport;

/// <summary>A transport for Kestrel whose connections live on the event loops.</summary>
/// <param name="backlog">How many connections may wait to be accepted.</param>
public sealed class LoopTransport(IMemoryPoolFactory<byte> pools, ILoggerFactory loggers, int backlog)
    : IConnectionListenerFactory
{
    /// <summary>Whether the kernel is the one that the transport is written for.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            socket.Listen(backlog);
            socket.Blocking = false;
            return new(new LoopListener(socket, pools.Create(), loggers.CreateLogger<LoopTransport>()));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(e.Message, e) : e;
        }
    }
}

/// <summary>Accepts connections, and gives each loop one in turn.</summary>
internal sealed class LoopListener : IConnectionListener, ISocketEvents
{
    /// <summary>Room for an address of each family.</summary>
    private const int AddressSize = 128;

    /// <summary>How long to wait for memory or a free descriptor.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly LoopSocket _socket;
    private readonly MemoryPool<byte> _pool;
    private readonly ILogger _logger;
    private readonly Channel<bool> _arrivals =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes over the socket, which listens and does not block.</summary>
    public LoopListener(Socket socket, MemoryPool<byte> pool, ILogger logger)
    {
        (_pool, _logger) = (pool, logger);
        EndPoint = socket.LocalEndPoint!;
        var descriptor = (int)socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();   // A descriptor has one owner.
        _socket = new(descriptor, EventLoops.Next, this);
        _socket.Begin();
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        var address = new SocketAddress(AddressFamily.InterNetworkV6, AddressSize);
        while (true)
        {
            var result = _socket.Call(
                static (address, listener) =>
                {
                    var result = LinuxCalls.Accept(listener, address.Buffer.Span, out var length);
                    address.Size = length;
                    return result;
                },
                address);
            if (result >= 0)
            {
                if (Begin(result, address) is { } connection)
                {
                    return connection;
                }
            }
            else if (result == LinuxCalls.NotOpen)
            {
                return null;
            }
            else if (result == LinuxCalls.WouldBlock)
            {
                await _arrivals.Reader.ReadAsync(cancellationToken);
            }
            else if (result != LinuxCalls.Aborted)
            {
                // There is no memory, or no free descriptor.
                _logger.LogWarning(LinuxCalls.Exception(result), "A connection could not be accepted");
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public void OnReadable(bool isHungUp) => _arrivals.Writer.TryWrite(true);

    /// <inheritdoc/>
    public void OnWritable()
    {
        // A listening socket sends nothing.
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        _arrivals.Writer.TryWrite(true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        _pool.Dispose();
    }

    private LoopConnection? Begin(int descriptor, SocketAddress address)
    {
        var remote = ((IPEndPoint)EndPoint).Create(address);
        var connection = new LoopConnection(descriptor, EventLoops.Next, _pool, EndPoint, remote, _logger);
        try
        {
            connection.Socket.Call(static (_, socket) => LinuxCalls.SetNoDelay(socket), 0);
            connection.Socket.Begin();
            return connection;
        }
        catch (SocketException e)
        {
            connection.Socket.Dispose();
            _logger.LogWarning(e, "A connection could not be accepted");
            return null;
        }
    }
}
