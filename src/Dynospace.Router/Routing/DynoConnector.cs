using System.Net.Sockets;
using Dynospace.Router.Transport;

namespace Dynospace.Router.Routing;

/// <summary>Opens connections to dynos.</summary>
public interface IDynoConnector
{
    /// <summary>
    /// A connected stream. A dyno that refuses is a <see cref="System.Net.Sockets.SocketException"/>.
    /// </summary>
    ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken);
}

/// <summary>Connects to the dyno's address.</summary>
public sealed class TcpDynoConnector : IDynoConnector
{
    /// <inheritdoc/>
    public async ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken)
    {
        if (LoopTransport.IsSupported)
        {
            return await LoopStream.ConnectAsync(dyno.Address, cancellationToken);
        }

        var socket = new Socket(dyno.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(dyno.Address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
