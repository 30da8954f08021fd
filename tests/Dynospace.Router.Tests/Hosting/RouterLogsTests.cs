using Dynospace.Router.Hosting;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Tests.Hosting;

/// <summary>What the program says beside the lines of requests.</summary>
public sealed class RouterLogsTests
{
    [Theory]
    [InlineData("Yarp.ReverseProxy.Forwarder.HttpForwarder")]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel")]
    public void Nothing_is_said_of_each_request(string category)
    {
        using var loggers = RouterLogs.Create();

        Assert.False(loggers.CreateLogger(category).IsEnabled(LogLevel.Information));
        Assert.True(loggers.CreateLogger(category).IsEnabled(LogLevel.Warning));
    }

    [Fact]
    public void The_router_itself_says_what_happens_to_it()
    {
        using var loggers = RouterLogs.Create();

        Assert.True(loggers.CreateLogger("Dynospace.Router.Cluster").IsEnabled(LogLevel.Information));
    }
}
