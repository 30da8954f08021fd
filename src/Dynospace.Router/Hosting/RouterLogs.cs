using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Hosting;

/// <summary>What the program says on standard error; standard output is for the lines of requests alone.</summary>
internal static class RouterLogs
{
    /// <summary>The forwarder would tell each request, with what its path and query hold, a second time.</summary>
    public static ILoggerFactory Create() => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Yarp", LogLevel.Warning)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
        .AddJsonConsole(console => console.UseUtcTimestamp = true));
}
