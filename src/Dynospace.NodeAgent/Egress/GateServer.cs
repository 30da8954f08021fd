using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Responds to dynos with their source address in one line, and closes the connection. Dynos connect to the gate's
/// address, which the rules of a gateway redirect here.
/// </summary>
internal sealed class GateServer : IDisposable
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly SemaphoreSlim _places = new(MostAtOnce);
    private readonly ILogger _logger;

    /// <summary>Starts to listen in the network namespace of the calling thread.</summary>
    /// <param name="address">An address of this node within the tunnel.</param>
    /// <param name="logger">For errors while accepting connections.</param>
    /// <exception cref="SocketException">The address does not exist yet, or the port is in use.</exception>
    public GateServer(IPAddress address, ILogger logger)
    {
        _logger = logger;
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(new IPEndPoint(address, TunnelNumbers.GatePort));
            _listener.Listen(MostAtOnce);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }
    }

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _places.WaitAsync(cancellationToken);
                var client = await _listener.AcceptAsync(cancellationToken);
                _ = AnswerAsync(client, cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                _places.Release();
                _logger.LogWarning("The gate cannot accept connections: {Why}", e.Message);
                await Task.Delay(Breath, CancellationToken.None);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _places.Dispose();
    }

    private async Task AnswerAsync(Socket client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(Patience);
                var source = ((IPEndPoint)client.RemoteEndPoint!).Address;
                await client.SendAsync(Encoding.ASCII.GetBytes($"{source}\n"), limit.Token);
                client.Shutdown(SocketShutdown.Send);
                // Closing with unread bytes would discard the answer.
                var rest = new byte[64];
                while (await client.ReceiveAsync(rest, limit.Token) > 0)
                {
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The dyno retries.
            }
            finally
            {
                try
                {
                    _places.Release();
                }
                catch (ObjectDisposedException)
                {
                    // The server has stopped.
                }
            }
        }
    }
}
