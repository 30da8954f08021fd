using Dynospace.Hosting;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;

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
            configuration.ToOptions() with { WarmsUp = true },
            new TcpDynoConnector(),
            lines,
            TimeProvider.System,
            loggers);
        await router.RunAsync(stop);
    },
}.RunToExitAsync(args);
