using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynospace.Gate;

/// <summary>Answers each connection with the address that it comes from, in one line, and closes it.</summary>
internal static class EchoServer
{
    private const int MostWaiting = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync(IPEndPoint address, TextWriter output, CancellationToken cancellationToken)
    {
        using var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen(MostWaiting);
        await output.WriteLineAsync($"listening on {listener.LocalEndPoint}");
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptAsync(cancellationToken);
                _ = AnswerAsync(client);
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            catch (SocketException)
            {
                // Too many at once; connections that wait are accepted later.
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
        }

        return 0;
    }

    private static async Task AnswerAsync(Socket client)
    {
        using (client)
        {
            try
            {
                using var limit = new CancellationTokenSource(Patience);
                var source = ((IPEndPoint)client.RemoteEndPoint!).Address;
                source = source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source;
                await client.SendAsync(Encoding.ASCII.GetBytes($"{source}\n"), limit.Token);
                client.Shutdown(SocketShutdown.Send);
                var rest = new byte[64];
                while (await client.ReceiveAsync(rest, limit.Token) > 0)
                {
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client asks again.
            }
        }
    }
}
