using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Logging;

/// <summary>
/// What the program says beside the lines of requests: one line of JSON each. It shares the fate of those lines when
/// nobody reads: dropped and counted. The framework's own console blocks the code that writes once its queue is full,
/// and with it the router.
/// </summary>
public sealed class ProgramLog(LogOutput output, TimeProvider clock) : ILoggerProvider
{
    /// <summary>
    /// Categories of the server below, whose exceptions speak of clients: their first line says it all.
    /// </summary>
    private const string Framework = "Microsoft.";

    private const int Longest = 16 * 1024;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        // The output is its owner's.
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
