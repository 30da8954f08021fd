using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Terminal;

/// <summary>Writes log lines to a file, so that they do not tear the table on the screen.</summary>
public sealed class FileLoggerProvider : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file;
    private readonly TimeProvider _clock;
    private bool _isDisposed;

    /// <exception cref="CliException">The file cannot be written.</exception>
    public FileLoggerProvider(string path, TimeProvider clock)
    {
        _clock = clock;
        _file = new StreamWriter(LogFiles.Create(path, "--log-file")) { AutoFlush = true };
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Write(LogLevel level, string category, string message, Exception? exception)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _file.WriteLine(
                    $"{_clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {level} {category}: "
                    + $"{message}{(exception is null ? "" : Environment.NewLine + exception)}");
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _file.Dispose();
        }
    }
}

/// <summary>One category of a <see cref="FileLoggerProvider"/>.</summary>
internal sealed class FileLogger(FileLoggerProvider provider, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        provider.Write(logLevel, category, formatter(state, exception), exception);
}

/// <summary>Opens logs so that others can read them meanwhile.</summary>
public static class LogFiles
{
    /// <param name="option">The option by which another file can be named.</param>
    /// <exception cref="CliException">The file cannot be written.</exception>
    public static FileStream Create(string path, string option)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                $"the log {path} cannot be written: {e.Message.TrimEnd('.')}. Name another with {option} FILE.", e);
        }
    }
}
