using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dynospace.Reachability;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Packets;

/// <summary>One try to open a connection.</summary>
/// <param name="Expected">Whether it is to succeed.</param>
internal sealed record Attempt(IPAddress Source, IPAddress Target, TransportPort Port, bool Expected);

/// <summary>
/// Opens real connections, all at once: TCP by handshake, UDP by a datagram, SCTP by a hand-made INIT that must arrive,
/// for the kernel may have no SCTP.
/// <para>
/// What is expected to pass is waited for as long as it takes. What is expected to be dropped has the same time and a
/// moment more: a packet that passes takes microseconds here.
/// </para>
/// </summary>
internal sealed class Attempts : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly PacketNode _node;
    private readonly List<Socket> _sockets = [];
    private readonly ConcurrentDictionary<int, bool> _arrived = [];
    private readonly CancellationTokenSource _stop = new();

    public Attempts(PacketNode node) => _node = node;

    /// <summary>Makes every address listen on every port.</summary>
    public void Listen(IEnumerable<IPAddress> addresses, IReadOnlyList<TransportPort> ports)
    {
        foreach (var address in addresses)
        {
            foreach (var port in ports.Where(port => port.Protocol != TransportProtocol.Sctp))
            {
                var socket = Open(address, port.Protocol);
                socket.Bind(new IPEndPoint(address, port.Number));
                if (port.Protocol == TransportProtocol.Tcp)
                {
                    socket.Listen(1024);
                }
                else
                {
                    _ = ReceiveAsync(socket, skip: 0);
                }
            }

            var raw = Open(address, TransportProtocol.Sctp);
            raw.Bind(new IPEndPoint(address, 0));
            // The common header, then the chunk's; IPv4 delivers its own header, too.
            _ = ReceiveAsync(raw, skip: (address.AddressFamily == AddressFamily.InterNetwork ? 20 : 0) + 12 + 4);
        }
    }

    /// <summary>The attempts that ended otherwise than expected.</summary>
    public async Task<IReadOnlyList<Attempt>> TryAsync(IReadOnlyList<Attempt> attempts)
    {
        var tries = attempts.Select((attempt, index) => (attempt, id: index + 1)).ToList();
        var connecting = new List<(Attempt Attempt, int Id, Task Task)>();
        foreach (var (attempt, id) in tries)
        {
            var socket = Open(attempt.Source, attempt.Port.Protocol);
            socket.Bind(new IPEndPoint(attempt.Source, 0));
            connecting.Add((attempt, id, OpenAsync(socket, attempt, id)));
        }

        var wanted = connecting.Where(item => item.Attempt.Expected).ToList();
        using var patience = new CancellationTokenSource(Patience);
        while (wanted.Any(item => !_arrived.ContainsKey(item.Id)) && !patience.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(5), Task.WhenAll(wanted.Select(item => item.Task)));
            await Task.Yield();
        }

        await Task.Delay(Moment);
        await _stop.CancelAsync();
        return
        [
            .. tries.Where(item => item.attempt.Expected != _arrived.ContainsKey(item.id)).Select(item => item.attempt),
        ];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task OpenAsync(Socket socket, Attempt attempt, int id)
    {
        var target = new IPEndPoint(attempt.Target, attempt.Port.Number);
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, id);
        try
        {
            switch (attempt.Port.Protocol)
            {
                case TransportProtocol.Tcp:
                    await socket.ConnectAsync(target, _stop.Token);
                    _arrived[id] = true;
                    break;
                case TransportProtocol.Udp:
                    await socket.SendToAsync(payload, target, _stop.Token);
                    break;
                default:
                    await socket.SendToAsync(
                        SctpInit.Create((ushort)(10_000 + (id % 50_000)), (ushort)attempt.Port.Number, payload),
                        new IPEndPoint(attempt.Target, 0),
                        _stop.Token);
                    break;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It did not open.
        }
    }

    private async Task ReceiveAsync(Socket socket, int skip)
    {
        var buffer = new byte[512];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var length = await socket.ReceiveAsync(buffer, _stop.Token);
                if (length >= skip + 4)
                {
                    _arrived[BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(skip))] = true;
                }
            }
            catch (SocketException)
            {
                // An ICMP error for an answer that nobody took.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private Socket Open(IPAddress address, TransportProtocol protocol)
    {
        var socket = _node.At(address).Run(() => protocol switch
        {
            TransportProtocol.Tcp => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
            TransportProtocol.Udp => new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp),
            _ => SctpInit.OpenSocket(address.AddressFamily),
        });
        _sockets.Add(socket);
        return socket;
    }
}

/// <summary>The packet that opens an SCTP association, RFC 9260.</summary>
internal static partial class SctpInit
{
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int Protocol = 132;

    /// <summary>A raw socket of a protocol that .NET does not know.</summary>
    public static Socket OpenSocket(AddressFamily family)
    {
        var handle = OpenSocket(family == AddressFamily.InterNetwork ? 2 : 10, RawCloseOnExec, Protocol);
        return handle < 0
            ? throw new SocketException(Marshal.GetLastPInvokeError())
            : new Socket(new SafeSocketHandle(handle, ownsHandle: true));
    }

    /// <param name="tag">The initiate tag: four bytes, not all zero.</param>
    public static byte[] Create(ushort source, ushort target, ReadOnlySpan<byte> tag)
    {
        var packet = new byte[12 + 20];
        BinaryPrimitives.WriteUInt16BigEndian(packet, source);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), target);
        packet[12] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), 20);
        tag.CopyTo(packet.AsSpan(16));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(20), 65_536);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(26), 1);
        // Conntrack drops what has no valid checksum: CRC32c, in little endian.
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Checksum(packet));
        return packet;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc = System.Numerics.BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);
}
