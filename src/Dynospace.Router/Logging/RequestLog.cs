namespace Dynospace.Router.Logging;

/// <summary>
/// Takes log lines without ever blocking a request: they are appended to a buffer that one task writes out, many at a time.
/// When the reader of the log is too slow, lines are dropped and counted, not queued without end.
/// </summary>
public sealed class RequestLog : IAsyncDisposable
{
    private const int Capacity = 8 * 1024 * 1024;

    /// <summary>Lines wait for others this long: to write each alone would cost more than to make it.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    private readonly Stream _output;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _writer;
    private byte[] _pending = new byte[64 * 1024];
    private byte[] _spare = new byte[64 * 1024];
    private int _length;
    private bool _closed;
    private long _dropped;

    public RequestLog(Stream output)
    {
        _output = output;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>Lines that were not written.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Appends a line with its end.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        bool wakes;
        lock (_lock)
        {
            if (_closed || _length + line.Length > Capacity)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            if (_length + line.Length > _pending.Length)
            {
                Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _length + line.Length));
            }

            line.CopyTo(_pending.AsSpan(_length));
            wakes = _length == 0;
            _length += line.Length;
        }

        if (wakes)
        {
            _filled.Release();
        }
    }

    /// <summary>Writes what is pending and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        _closing.SetResult();
        _filled.Release();
        await _writer;
        _filled.Dispose();
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            await _filled.WaitAsync();
            await Task.WhenAny(_closing.Task, Task.Delay(Gathering));
            var (batch, ended) = Take();
            try
            {
                await _output.WriteAsync(batch);
                await _output.FlushAsync();
            }
            catch (IOException)
            {
                Interlocked.Increment(ref _dropped);
            }

            if (ended)
            {
                return;
            }
        }
    }

    private (ReadOnlyMemory<byte> Batch, bool Ended) Take()
    {
        lock (_lock)
        {
            var batch = _pending.AsMemory(0, _length);
            (_pending, _spare) = (_spare, _pending);
            _length = 0;
            return (batch, _closed);
        }
    }
}
