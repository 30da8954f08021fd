using Dynospace.Hosting;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Hosting;

/// <summary>The router as a program of its own.</summary>
public static class RouterProgram
{
    /// <summary>Runs the router until SIGTERM or SIGINT.</summary>
    /// <param name="warmsUp">
    /// Whether it first serves requests of its own, so that the first clients get fast answers.
    /// </param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, bool warmsUp)
    {
        SocketThreads.Configure();
        await using var errors = RouterLogs.OpenError();
        return await new HostedProgram<RouterConfiguration>
        {
            Name = "dynospace-router",
            Summary = "Brings web requests to web dynos. The operator runs it with the options that it needs.",
            EnvironmentPrefix = "DYNOSPACE_ROUTER_",
            Options = RouterConfiguration.Table,
            PortOptions = ["httpPort", "httpsPort", "healthPort"],
            ConfigureLogs = logging => RouterLogs.Configure(logging, errors),
            RunAsync = async (configuration, loggers, stop) =>
            {
                await using var lines = Console.OpenStandardOutput();
                await using var router = new RouterHost(
                    configuration.ToOptions() with { WarmsUp = warmsUp },
                    new TcpDynoConnector(),
                    lines,
                    TimeProvider.System,
                    loggers);
                await router.RunAsync(stop);
            },
        }.RunToExitAsync(args);
    }
}
