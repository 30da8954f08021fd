using Dynospace.Router.Logging;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Hosting;

/// <summary>What the program says on standard error; standard output is for the lines of requests alone.</summary>
internal static class RouterLogs
{
    /// <summary>Bytes of lines that may wait for the reader of standard error.</summary>
    private const int Capacity = 1024 * 1024;

    /// <summary>The output on standard error, for <see cref="Configure"/>.</summary>
    public static LogOutput OpenError() => new(Console.OpenStandardError(), "program", Capacity);

    /// <summary>Of the server below only warnings are reported: it would say much of each request.</summary>
    public static void Configure(ILoggingBuilder logging, LogOutput output) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddProvider(new ProgramLog(output, TimeProvider.System));
}
