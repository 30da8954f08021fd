using Microsoft.Extensions.Logging;

namespace Dynospace.Hosting.Tests;

/// <summary>What programs say besides their output.</summary>
public sealed class ProgramLogsTests
{
    [Fact]
    public void Nothing_is_said_of_each_request()
    {
        using var loggers = Loggers();
        var server = loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel");

        Assert.False(server.IsEnabled(LogLevel.Information));
        Assert.True(server.IsEnabled(LogLevel.Warning));
    }

    [Fact]
    public void The_program_itself_says_what_happens_to_it()
    {
        using var loggers = Loggers();

        Assert.True(loggers.CreateLogger("Dynospace.Router.Cluster").IsEnabled(LogLevel.Information));
    }

    private static ILoggerFactory Loggers() => LoggerFactory.Create(ProgramLogs.Configure);
}
