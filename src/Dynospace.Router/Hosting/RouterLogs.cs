using Dynospace.Router.Logging;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Hosting;

/// <summary>The program's own log, on standard error; standard output has only the lines of requests.</summary>
internal static class RouterLogs
{
    /// <summary>Bytes of lines that may wait for the reader of standard error.</summary>
    private const int Capacity = 1024 * 1024;

    /// <summary>The output on standard error, for <see cref="Configure"/>.</summary>
    public static LogOutput OpenError() => new(Console.OpenStandardError(), "program", Capacity);

    /// <summary>Only warnings of the server are logged: it would log several messages for each request.</summary>
    public static void Configure(ILoggingBuilder logging, LogOutput output) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddProvider(new ProgramLog(output, TimeProvider.System));
}
