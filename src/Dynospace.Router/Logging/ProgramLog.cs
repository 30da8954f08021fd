using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Logging;

/// <summary>
/// The program's log, one line of JSON for each message. Like lines of requests, messages that nobody reads are dropped
/// and counted. The framework's own console logger blocks the writing code once its queue is full, which would block
/// the router.
/// </summary>
public sealed class ProgramLog(LogOutput output, TimeProvider clock) : ILoggerProvider
{
    /// <summary>
    /// Categories of the server, whose exceptions are about clients: their message suffices, without a stack.
    /// </summary>
    private const string Framework = "Microsoft.";

    private const int Longest = 16 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The output belongs to its creator.
    }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            json.WriteString("Timestamp", clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
            json.WriteString("LogLevel", level.ToString());
            json.WriteString("Category", category);
            json.WriteString("Message", Shortened(message));
            if (exception is not null)
            {
                json.WriteString("Exception", Shortened(TextOf(category, exception)));
            }

            json.WriteEndObject();
        }

        line.WriteByte((byte)'\n');
        output.Append(line.GetBuffer().AsSpan(0, (int)line.Length));
    }

    private static string TextOf(string category, Exception exception) =>
        category.StartsWith(Framework, StringComparison.Ordinal)
            ? $"{exception.GetType().Name}: {exception.Message}"
            : exception.ToString();

    private static string Shortened(string text) => text.Length <= Longest ? text : text[..Longest];

    private sealed class Logger(ProgramLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            log.Write(logLevel, category, formatter(state, exception), exception);
    }
}
