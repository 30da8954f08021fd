using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Tests.Support;

/// <summary>Keeps log lines, and lets tests wait for one.</summary>
internal sealed class LogRecorder<T> : ILogger<T>
{
    private readonly Channel<(LogLevel Level, string Text)> _lines = Channel.CreateUnbounded<(LogLevel, string)>();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite((logLevel, formatter(state, exception)));

    /// <summary>Waits for a line of at least this level that holds the text.</summary>
    public async Task<string> WaitForAsync(LogLevel level, string text)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            if (line.Level >= level && line.Text.Contains(text, StringComparison.Ordinal))
            {
                return line.Text;
            }
        }

        throw new InvalidOperationException("The log ended.");
    }
}
