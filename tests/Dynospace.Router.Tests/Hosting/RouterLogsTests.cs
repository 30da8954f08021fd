using Dynospace.Router.Hosting;
using Dynospace.Router.Logging;
using Dynospace.Router.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tests.Hosting;

/// <summary>What the program says beside the lines of requests.</summary>
public sealed class RouterLogsTests
{
    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel.BadRequests")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel")]
    public async Task Nothing_is_said_of_each_request(string category)
    {
        await using var output = new LogOutput(new LogSink(), "test");
        using var loggers = LoggerFactory.Create(logging => RouterLogs.Configure(logging, output));

        Assert.False(loggers.CreateLogger(category).IsEnabled(LogLevel.Information));
        Assert.True(loggers.CreateLogger(category).IsEnabled(LogLevel.Warning));
    }

    [Fact]
    public async Task The_router_itself_says_what_happens_to_it()
    {
        await using var output = new LogOutput(new LogSink(), "test");
        using var loggers = LoggerFactory.Create(logging => RouterLogs.Configure(logging, output));

        Assert.True(loggers.CreateLogger("Dynospace.Router.Cluster").IsEnabled(LogLevel.Information));
    }
}
