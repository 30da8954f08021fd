using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dynospace.EndToEnd.Tests.Dns;

/// <summary>Asks one DNS server by UDP.</summary>
internal static class DnsClient
{
    private const int NameError = 3;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);

    private static byte[] Query(string name, ushort type)
    {
        List<byte> query = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            query.Add((byte)label.Length);
            query.AddRange(Encoding.ASCII.GetBytes(label));
        }

        query.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        return [.. query];
    }

    /// <summary>The addresses of a name, in order; null where the name does not exist.</summary>
    public static async Task<IReadOnlyList<string>?> AskAsync(
        IPEndPoint server, string name, AddressFamily family, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(server.AddressFamily);
        var query = Query(name, family == AddressFamily.InterNetwork ? (ushort)1 : (ushort)28);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        while (true)
        {
            await socket.SendAsync(query, server, limit.Token);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            wait.CancelAfter(Retry);
            try
            {
                var answer = (await socket.ReceiveAsync(wait.Token)).Buffer;
                return Read(answer, query.Length);
            }
            catch (OperationCanceledException) when (!limit.IsCancellationRequested)
            {
                // Lost, or nothing listens yet.
            }
        }
    }

    private static IReadOnlyList<string>? Read(byte[] answer, int at)
    {
        var code = answer[3] & 15;
        if (code == NameError)
        {
            return null;
        }

        Assert.True(code == 0, $"the answer has code {code}");
        var found = new List<string>();
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6)); left > 0; left--)
        {
            at = SkipName(answer, at);
            var type = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at));
            var length = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(at + 8));
            if (type is 1 or 28)
            {
                found.Add(new IPAddress(answer.AsSpan(at + 10, length)).ToString());
            }

            at += 10 + length;
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>The position after the name at a position.</summary>
    internal static int SkipName(byte[] message, int at)
    {
        while (message[at] != 0)
        {
            if (message[at] >= 0xc0)
            {
                return at + 2;
            }

            at += message[at] + 1;
        }

        return at + 1;
    }
}

/// <summary>A DNS that answers every name with one address.</summary>
internal sealed class KnowingAll : IDisposable
{
    public const string Address = "192.0.2.53";

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));

    public KnowingAll() => _ = AnswerAsync();

    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    public void Dispose() => _socket.Dispose();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync();

                // The header is followed by the name, its type and its class.
                var end = DnsClient.SkipName(received.Buffer, 12) + 4;
                List<byte> answer = [.. received.Buffer[..2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];
                answer.AddRange(received.Buffer[12..end]);
                answer.AddRange(
                    [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, .. IPAddress.Parse(Address).GetAddressBytes()]);
                await _socket.SendAsync(answer.ToArray(), received.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
