using System.Net;
using System.Net.Sockets;

namespace DevCluster.Testing;

/// <summary>
/// A loopback port that nobody else is given, so that a server of a test can go away and come back on it while other
/// tests ask for free ports. Connections are refused for as long as nobody listens.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _holder = Bind();

    public int Number => ((IPEndPoint)_holder.LocalEndPoint!).Port;

    /// <summary>Listens on the port; may be stopped and begun again.</summary>
    public TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, Number);
        ShareAddress(listener.Server);
        listener.Start();
        return listener;
    }

    public void Dispose() => _holder.Dispose();

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        ShareAddress(socket);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static void ShareAddress(Socket socket) =>
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
}
