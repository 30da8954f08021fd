using System.Net;
using System.Net.Sockets;
using System.Text;
using DevCluster.Network.Kernel;

namespace DevCluster.Network.Wiring;

/// <summary>
/// Echo servers in a namespace: a TCP connection receives the name of the place and the client's address, over HTTP if
/// requested; a datagram is sent back.
/// </summary>
internal sealed class EchoListeners : IDisposable
{
    private const int Patience = 10_000;

    private readonly List<Socket> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly string _name;

    public EchoListeners(
        Netns place, string name, IPAddress address, IEnumerable<int> tcp, IEnumerable<int> udp)
    {
        _name = name;
        place.Run(() =>
        {
            _sockets.AddRange(tcp.Select(port => Open(SocketType.Stream, ProtocolType.Tcp, port)));
            _sockets.AddRange(udp.Select(port => Open(SocketType.Dgram, ProtocolType.Udp, port)));
            return true;
        });
        foreach (var socket in _sockets)
        {
            _ = socket.SocketType == SocketType.Stream ? AcceptAsync(socket) : ReturnAsync(socket);
        }

        Socket Open(SocketType type, ProtocolType protocol, int port)
        {
            var socket = new Socket(address.AddressFamily, type, protocol);
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            if (type == SocketType.Stream)
            {
                socket.Listen(256);
            }

            return socket;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _sockets.ForEach(socket => socket.Dispose());
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = AnswerAsync(await listener.AcceptAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client disconnected before it was accepted.
            }
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        using var taken = connection;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var caller = (IPEndPoint)connection.RemoteEndPoint!;
            if (caller.Address.IsIPv4MappedToIPv6)
            {
                caller = new IPEndPoint(caller.Address.MapToIPv4(), caller.Port);
            }

            var text = $"{_name} answers {caller}\n";
            var request = new byte[4096];
            var length = await connection.ReceiveAsync(request, patience.Token);
            var isHttp = length > 4 && request.AsSpan(0, length).IndexOf(" HTTP/"u8) > 0;
            var answer = isHttp
                ? $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {text.Length}\r\n"
                    + $"Connection: close\r\n\r\n{text}"
                : text;
            await connection.SendAsync(Encoding.ASCII.GetBytes(answer), patience.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The client disconnected, or sent nothing.
        }
    }

    private async Task ReturnAsync(Socket socket)
    {
        var buffer = new byte[2048];
        var anybody = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, anybody, _stop.Token);
                await socket.SendToAsync(
                    buffer.AsMemory(0, received.ReceivedBytes), received.RemoteEndPoint, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP error for a response that was not delivered.
            }
        }
    }
}
