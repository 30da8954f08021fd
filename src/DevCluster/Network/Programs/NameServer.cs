using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DevCluster.Network.Programs;

/// <summary>
/// The cluster's DNS: addresses of Services and named pods, from a file that is reloaded when it changes. Other names
/// do not exist, because nothing leaves the machine.
/// </summary>
internal sealed class NameServer : IDisposable
{
    private const int Port = 53;
    private const int HeaderLength = 12;
    private const ushort TypeA = 1;
    private const int NameError = 3;

    private readonly Socket _datagrams = Dual.Listen(SocketType.Dgram, ProtocolType.Udp);
    private readonly StreamListener _listener;
    private readonly string _file;
    private readonly CoreDnsZones? _zones;
    private Dictionary<string, IPAddress[]> _names = [];
    private DateTime _read;

    /// <param name="zones">The rules of a Corefile; null to answer for all names of the file.</param>
    public NameServer(string file, CoreDnsZones? zones, CancellationToken cancellationToken)
    {
        (_file, _zones) = (file, zones);
        var port = zones?.Port ?? Port;
        _datagrams.Bind(Dual.Any(_datagrams, port));
        _listener = new StreamListener(port, ServeAsync, cancellationToken);
        _ = AnswerDatagramsAsync(cancellationToken);
    }

    public void Dispose()
    {
        _datagrams.Dispose();
        _listener.Dispose();
    }

    /// <summary>The response to a query; null if the message is not a valid query.</summary>
    internal static byte[]? Answer(ReadOnlySpan<byte> query, Func<string, IReadOnlyList<IPAddress>?> find)
    {
        if (query.Length < HeaderLength || BinaryPrimitives.ReadUInt16BigEndian(query[4..]) != 1)
        {
            return null;
        }

        var name = new StringBuilder();
        var at = HeaderLength;
        while (at < query.Length && query[at] != 0)
        {
            var length = query[at];
            if (length > 63 || at + 1 + length >= query.Length)
            {
                return null;
            }

            name.Append(name.Length > 0 ? "." : "").Append(Encoding.ASCII.GetString(query.Slice(at + 1, length)));
            at += length + 1;
        }

        if (at + 5 > query.Length)
        {
            return null;
        }

        var type = BinaryPrimitives.ReadUInt16BigEndian(query[(at + 1)..]);
        var question = query[HeaderLength..(at + 5)];
        var found = find(name.ToString().ToLowerInvariant());
        List<IPAddress> addresses = type == TypeA ? [.. found ?? []] : [];
        var answer = new byte[HeaderLength + question.Length + (addresses.Count * 16)];
        query[..2].CopyTo(answer);

        // Response and authoritative flags; the recursion-desired flag is copied.
        answer[2] = (byte)(0x84 | (query[2] & 1));
        answer[3] = (byte)(0x80 | (found is null ? NameError : 0));
        answer[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)addresses.Count);
        question.CopyTo(answer.AsSpan(HeaderLength));
        var place = HeaderLength + question.Length;
        foreach (var address in addresses)
        {
            ReadOnlySpan<byte> fixedPart = [0xc0, HeaderLength, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4];
            fixedPart.CopyTo(answer.AsSpan(place));
            address.TryWriteBytes(answer.AsSpan(place + 12), out _);
            place += 16;
        }

        return answer;
    }

    private async Task AnswerDatagramsAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var received = await _datagrams.ReceiveFromAsync(buffer, Dual.Any(_datagrams, 0), cancellationToken);
                if (Answer(buffer.AsSpan(0, received.ReceivedBytes), Find) is { } answer)
                {
                    await _datagrams.SendToAsync(answer, received.RemoteEndPoint, cancellationToken);
                }
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

    private async Task ServeAsync(Socket connection, CancellationToken cancellationToken)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        var size = new byte[2];
        try
        {
            while (true)
            {
                await stream.ReadExactlyAsync(size, cancellationToken);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(size)];
                await stream.ReadExactlyAsync(query, cancellationToken);
                if (Answer(query, Find) is not { } answer)
                {
                    return;
                }

                BinaryPrimitives.WriteUInt16BigEndian(size, (ushort)answer.Length);
                await stream.WriteAsync(size, cancellationToken);
                await stream.WriteAsync(answer, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client disconnected.
        }
    }

    private IPAddress[]? Find(string name)
    {
        lock (_file)
        {
            var written = File.GetLastWriteTimeUtc(_file);
            if (written != _read && File.Exists(_file))
            {
                _read = written;
                _names = File.ReadLines(_file).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    .Where(words => words.Length > 0)
                    .DistinctBy(words => words[0])
                    .ToDictionary(words => words[0], words => words.Skip(1).Select(IPAddress.Parse).ToArray());
            }

            var found = _zones is null ? name : _zones.Resolve(name);
            return found is null ? null : _names.GetValueOrDefault(found);
        }
    }
}
