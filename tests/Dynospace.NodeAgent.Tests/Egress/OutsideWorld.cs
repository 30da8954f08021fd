using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.NodeAgent.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// A host outside that notes which source each packet has: TCP is told it, UDP is echoed with it, of ICMP the kernel
/// answers and this listens. Packets say who sends them.
/// </summary>
internal sealed class OutsideWorld : IDisposable
{
    public const int Port = 9000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(string Sender, int Port), bool> _ports = [];
    private int _total;

    public OutsideWorld(NetworkNamespace place)
    {
        foreach (var address in new[] { EgressLab.Outside, EgressLab.Outside6 })
        {
            var (tcp, udp, icmp) = place.Run(() => (
                new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
                new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp),
                new Socket(address.AddressFamily, SocketType.Raw, Icmp(address))));
            _sockets.AddRange([tcp, udp, icmp]);
            tcp.Bind(new IPEndPoint(address, Port));
            tcp.Listen(1024);
            udp.ReceiveBufferSize = 8 * 1024 * 1024;
            udp.Bind(new IPEndPoint(address, Port));
            icmp.ReceiveBufferSize = 8 * 1024 * 1024;
            icmp.Bind(new IPEndPoint(address, 0));
            _ = AcceptAsync(tcp);
            _ = EchoAsync(udp);
            _ = ListenAsync(icmp);
        }
    }

    /// <summary>How many packets came.</summary>
    public int Total => Volatile.Read(ref _total);

    /// <summary>How many packets came from which source, by sender and protocol.</summary>
    public ConcurrentDictionary<(string Sender, string Protocol, IPAddress Source), int> Seen { get; } = [];

    public static ProtocolType Icmp(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? ProtocolType.Icmp : ProtocolType.IcmpV6;

    /// <summary>The sources that a sender was seen with.</summary>
    public IReadOnlyList<IPAddress> SourcesOf(string sender) =>
        [.. Seen.Keys.Where(key => key.Sender == sender).Select(key => key.Source).Distinct()];

    /// <summary>The source ports that a sender was seen with.</summary>
    public IReadOnlyList<int> PortsOf(string sender) =>
        [.. _ports.Keys.Where(key => key.Sender == sender).Select(key => key.Port).Order()];

    /// <summary>All of it, for the test's output.</summary>
    public string Describe() => string.Join('\n', Seen
        .GroupBy(item => (item.Key.Sender, item.Key.Protocol, item.Key.Source))
        .OrderBy(group => group.Key.Sender, StringComparer.Ordinal).ThenBy(group => group.Key.Protocol)
        .Select(group => $"{group.Key.Sender} {group.Key.Protocol}: "
            + $"{group.Sum(item => item.Value)} packets from {group.Key.Source}"));

    /// <summary>Opens a connection and gives the source that the outside saw; null if it does not open.</summary>
    public static async Task<string?> AskTcpAsync(
        LabPod pod, string sender, IPAddress target, TimeSpan? atMost = null, int sourcePort = 0)
    {
        using var socket = pod.Namespace.Run(() =>
            new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(pod.AddressFor(target), sourcePort));
        using var moment = new CancellationTokenSource(atMost ?? Patience);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(target, Port), moment.Token);
            await socket.SendAsync(Encoding.UTF8.GetBytes(sender + "\n"), moment.Token);
            var buffer = new byte[256];
            var length = await socket.ReceiveAsync(buffer, moment.Token);
            return length == 0 ? null : Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Asks the gate which source the pod has; null if there is no way to it.</summary>
    public static async Task<string?> AskGateAsync(
        LabPod pod, TimeSpan? atMost = null, int sourcePort = 0, IPAddress? gate = null)
    {
        gate ??= TunnelNumbers.GateAddress;
        using var socket = pod.Namespace.Run(() =>
            new Socket(gate.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(pod.AddressFor(gate), sourcePort));
        using var moment = new CancellationTokenSource(atMost ?? Patience);
        try
        {
            await socket.ConnectAsync(
                new IPEndPoint(gate, TunnelNumbers.GatePort), moment.Token);
            var buffer = new byte[64];
            var length = await socket.ReceiveAsync(buffer, moment.Token);
            return Encoding.ASCII.GetString(buffer, 0, length).Trim();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Waits at the gate, as every dyno does before it starts: until then its agent may not know it.</summary>
    public static async Task PassGateAsync(LabPod pod, IPAddress expected)
    {
        var gate = expected.AddressFamily == AddressFamily.InterNetwork
            ? TunnelNumbers.GateAddress
            : TunnelNumbers.GateAddress6;
        string? seen = null;
        for (var i = 0; i < 30 && seen != expected.ToString(); i++)
        {
            seen = await AskGateAsync(pod, TimeSpan.FromSeconds(1), gate: gate);
        }

        Assert.Equal(expected.ToString(), seen);
    }

    /// <summary>Sends a datagram and gives the source that the outside says it saw; null if no answer comes.</summary>
    public static async Task<string?> AskUdpAsync(
        LabPod pod, string sender, IPAddress target, TimeSpan? atMost = null, int size = 0)
    {
        using var socket = pod.Namespace.Run(() =>
            new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp));
        socket.Bind(new IPEndPoint(pod.AddressFor(target), 0));
        using var moment = new CancellationTokenSource(atMost ?? Patience);
        try
        {
            await socket.SendToAsync(
                Encoding.UTF8.GetBytes(sender.PadRight(size)), new IPEndPoint(target, Port), moment.Token);
            var buffer = new byte[65_536];
            var length = await socket.ReceiveAsync(buffer, moment.Token);
            return Encoding.UTF8.GetString(buffer, 0, length).Trim();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Pings and says whether the answer came.</summary>
    public static async Task<bool> PingAsync(
        LabPod pod, string sender, IPAddress target, TimeSpan? atMost = null, int size = 0)
    {
        using var socket = pod.Namespace.Run(() =>
            new Socket(target.AddressFamily, SocketType.Raw, Icmp(target)));
        socket.Bind(new IPEndPoint(pod.AddressFor(target), 0));
        using var moment = new CancellationTokenSource(atMost ?? Patience);
        var is4 = target.AddressFamily == AddressFamily.InterNetwork;
        var request = EchoRequest(is4, (ushort)Random.Shared.Next(1, 65_536), sender.PadRight(size));
        try
        {
            await socket.SendToAsync(request, new IPEndPoint(target, 0), moment.Token);
            var buffer = new byte[65_536];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, moment.Token);
                var type = buffer[is4 ? 20 : 0];
                if (type == (is4 ? 0 : 129) && length > 8)
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    public static byte[] EchoRequest(bool is4, ushort id, string payload)
    {
        var packet = new byte[8 + Encoding.UTF8.GetByteCount(payload)];
        packet[0] = is4 ? (byte)8 : (byte)128;
        packet[4] = (byte)(id >> 8);
        packet[5] = (byte)id;
        Encoding.UTF8.GetBytes(payload, packet.AsSpan(8));
        if (!is4)
        {
            return packet;
        }

        var sum = 0u;
        for (var i = 0; i < packet.Length; i += 2)
        {
            sum += (uint)((packet[i] << 8) | (i + 1 < packet.Length ? packet[i + 1] : 0));
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        (packet[2], packet[3]) = ((byte)(~sum >> 8), (byte)~sum);
        return packet;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private void Note(string sender, string protocol, IPEndPoint source)
    {
        _ports[(sender.Trim(), source.Port)] = true;
        Note(sender, protocol, source.Address);
    }

    private void Note(string sender, string protocol, IPAddress source)
    {
        Seen.AddOrUpdate((sender.Trim(), protocol, source), 1, (_, count) => count + 1);
        Interlocked.Increment(ref _total);
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(_stop.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            try
            {
                var source = (IPEndPoint)client.RemoteEndPoint!;
                var buffer = new byte[256];
                var length = await client.ReceiveAsync(buffer, _stop.Token);
                Note(Encoding.UTF8.GetString(buffer, 0, length), "TCP", source);
                await client.SendAsync(Encoding.UTF8.GetBytes(source.Address.ToString()), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The sender is gone.
            }
        }
    }

    private async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[65_536];
        var any = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, any, _stop.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                Note(Encoding.UTF8.GetString(buffer, 0, received.ReceivedBytes), "UDP", from);
                await socket.SendToAsync(
                    Encoding.UTF8.GetBytes(from.Address.ToString().PadRight(received.ReceivedBytes)), from,
                    _stop.Token);
            }
            catch (SocketException)
            {
                // The sender is gone.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ListenAsync(Socket socket)
    {
        var is4 = socket.AddressFamily == AddressFamily.InterNetwork;
        var buffer = new byte[65_536];
        var any = new IPEndPoint(is4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, any, _stop.Token);
                var start = is4 ? 20 : 0;
                if (received.ReceivedBytes > start + 8 && buffer[start] == (is4 ? 8 : 128))
                {
                    Note(
                        Encoding.UTF8.GetString(buffer, start + 8, received.ReceivedBytes - start - 8), "ICMP",
                        ((IPEndPoint)received.RemoteEndPoint).Address);
                }
            }
            catch (SocketException)
            {
                // Nothing of interest.
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
