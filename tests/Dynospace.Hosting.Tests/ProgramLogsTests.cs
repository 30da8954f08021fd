using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

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

    [Fact]
    public void A_line_has_its_time_in_the_form_of_RFC_3339()
    {
        using var services = new ServiceCollection().AddLogging(ProgramLogs.Configure).BuildServiceProvider();
        var formatter = services.GetServices<ConsoleFormatter>().Single(found => found.Name == "json");
        using var line = new StringWriter();
        var before = TimeProvider.System.GetUtcNow();

        formatter.Write(
            new LogEntry<string>(LogLevel.Information, "Dynospace", 0, "it began", null, (state, _) => state),
            scopeProvider: null,
            line);

        using var document = JsonDocument.Parse(line.ToString());
        var text = document.RootElement.GetProperty("Timestamp").GetString();
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$", text);
        var time = DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);
        Assert.InRange(time, before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow());
    }

    private static ILoggerFactory Loggers() => LoggerFactory.Create(ProgramLogs.Configure);
}
