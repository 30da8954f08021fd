using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace DevCluster.Network.Pods;

/// <summary>
/// Forwards a container's output: line by line to its log, and unchanged to attached clients. A client that does not
/// read in time loses output, because a container must not wait for clients.
/// </summary>
internal sealed class ContainerOutput(ContainerLog log)
{
    private const int ReadBytes = 16 * 1024;
    private const int MostWaiting = 1024;

    private readonly ConcurrentDictionary<Channel<(bool IsError, byte[] Bytes)>, bool> _attached = new();
    private volatile bool _isComplete;

    /// <summary>Forwards a stream until it ends.</summary>
    public async Task TakeAsync(Stream stream, bool isError)
    {
        var lines = new LineSplitter(log);
        var buffer = new byte[ReadBytes];
        while (await stream.ReadAsync(buffer) is var count && count > 0)
        {
            lines.Add(buffer.AsSpan(0, count));
            foreach (var reader in _attached.Keys)
            {
                reader.Writer.TryWrite((isError, buffer[..count]));
            }
        }

        lines.Complete();
    }

    public void Complete()
    {
        _isComplete = true;
        foreach (var reader in _attached.Keys)
        {
            reader.Writer.TryComplete();
        }
    }

    /// <summary>The output from the time of this call, not from the start of the enumeration.</summary>
    public IAsyncEnumerable<(bool IsError, byte[] Bytes)> FollowAsync(CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<(bool, byte[])>(
            new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });
        _attached[channel] = true;
        if (_isComplete)
        {
            channel.Writer.TryComplete();
        }

        return ReadAsync(channel, cancellationToken);
    }

    private async IAsyncEnumerable<(bool IsError, byte[] Bytes)> ReadAsync(
        Channel<(bool IsError, byte[] Bytes)> channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var item in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            _attached.TryRemove(channel, out _);
        }
    }

    /// <summary>Splits bytes into log lines.</summary>
    private sealed class LineSplitter(ContainerLog log)
    {
        private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
        private readonly StringBuilder _line = new();

        public void Add(ReadOnlySpan<byte> bytes)
        {
            var letters = new char[bytes.Length + 1];
            foreach (var letter in letters.AsSpan(0, _decoder.GetChars(bytes, letters, flush: false)))
            {
                if (letter == '\n')
                {
                    End();
                }
                else if (_line.Length < ContainerLog.LongestLine)
                {
                    _line.Append(letter);
                }
            }
        }

        public void Complete()
        {
            if (_line.Length > 0)
            {
                End();
            }
        }

        private void End()
        {
            log.Add(_line.ToString().TrimEnd('\r'));
            _line.Clear();
        }
    }
}
