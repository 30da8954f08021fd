// Logging: writes one line for each request, and the program's own lines.

using Dynospace.Router.Metrics;

namespace Dynospace.Router.Logging;

/// <summary>
/// Accepts the lines of a log without ever blocking the code that writes them: they are appended to a buffer, which one
/// task writes out, many lines at a time. If the reader of the log is too slow or has stopped reading, lines are
/// dropped and counted rather than queued without limit.
/// </summary>
public sealed class LogOutput : IAsyncDisposable
{
    private const int Capacity = 8 * 1024 * 1024;

    /// <summary>How long a line waits for others: writing each alone would cost more than making it.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// How long the last write may take: a log that nobody reads must not keep the process from ending.
    /// </summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Stream _output;
    private readonly string _name;
    private readonly int _capacity;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _filled = new(0);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _writer;
    private byte[] _pending = new byte[64 * 1024];
    private byte[] _spare = new byte[64 * 1024];
    private int _length;
    private bool _closed;
    private long _dropped;

    /// <param name="output">Receives the lines; it is not closed.</param>
    /// <param name="name">The log's name in the metric of dropped lines.</param>
    /// <param name="capacity">Bytes that may wait to be written.</param>
    public LogOutput(Stream output, string name, int capacity = Capacity)
    {
        _output = output;
        _name = name;
        _capacity = capacity;
        _writer = Task.Run(WriteAsync);
    }

    /// <summary>The number of lines that were not written.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Appends a line, which includes its line end.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        bool wakes;
        lock (_lock)
        {
            if (_closed || _length + line.Length > _capacity)
            {
                Drop(1);
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
        await Task.WhenAny(_writer, Task.Delay(Farewell));
        if (_writer.IsCompleted)
        {
            _filled.Dispose();
        }
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
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                Drop(batch.Span.Count((byte)'\n'));
            }

            if (ended)
            {
                return;
            }
        }
    }

    private void Drop(int lines)
    {
        Interlocked.Add(ref _dropped, lines);
        EdgeMetrics.LinesDropped(_name, lines);
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
