using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

SocketThreads.Configure();
using var stop = new CancellationTokenSource();
using var signals = StopSignals.Register(stop);
await using var errors = RouterLogs.OpenError();
using var loggers = RouterLogs.Create(errors);
var logger = loggers.CreateLogger("Dynospace.Router");
try
{
    RouterConfiguration.RefuseMalformed(args);
    var configuration = new ConfigurationBuilder().AddEnvironmentVariables("DYNOSPACE_ROUTER_").AddCommandLine(args).Build();
    await using var lines = Console.OpenStandardOutput();
    await using var router = new RouterHost(RouterConfiguration.Read(configuration), new TcpDynoConnector(), lines, TimeProvider.System, loggers);
    await router.RunAsync(stop.Token);
    return 0;
}
catch (RouterConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{e.Message.TrimEnd('.')}: give another with --httpPort, --httpsPort or --healthPort.");
    return 1;
}
catch (Exception e) when (e is not OperationCanceledException)
{
    logger.LogCritical(e, "The router ends");
    return 1;
}
