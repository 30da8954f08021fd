using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Logging;

/// <summary>Writes log lines to a file, so that they do not tear the table on the screen.</summary>
internal sealed class FileLoggerProvider : ILoggerProvider
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
                _file.WriteLine($"{_clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {level} {category}: {message}{(exception is null ? "" : Environment.NewLine + exception)}");
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
