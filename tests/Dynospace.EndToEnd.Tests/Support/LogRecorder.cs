using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Dynospace.EndToEnd.Tests.Support;

/// <summary>Keeps every line that the operators log, down to the finest level.</summary>
internal sealed class LogRecorder : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<Channel<string>, byte> _readers = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, Add);

    /// <summary>Waits for a line, from now on, that contains the text.</summary>
    public async Task UntilAsync(string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        var reader = Channel.CreateUnbounded<string>();
        _readers[reader] = 0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            while (!(await reader.Reader.ReadAsync(limit.Token)).Contains(text, StringComparison.Ordinal))
            {
            }
        }
        finally
        {
            _readers.TryRemove(reader, out _);
        }
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        foreach (var reader in _readers.Keys)
        {
            reader.Writer.TryWrite(line);
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Logger(string category, Action<string> add) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            add($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel} {category}: {formatter(state, exception)} "
                + $"{exception}");
    }
}
