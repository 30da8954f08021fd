using Dynospace.Operator;
using Dynospace.Runtime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

using var stop = new CancellationTokenSource();
using var signals = StopSignals.Register(stop);
using var loggers = LoggerFactory.Create(logging => logging
    .SetMinimumLevel(LogLevel.Information)
    .AddJsonConsole(console => console.UseUtcTimestamp = true));
var logger = loggers.CreateLogger("Dynospace.Operator");
try
{
    OperatorConfiguration.RefuseMalformed(args);
    var configuration = new ConfigurationBuilder().AddEnvironmentVariables("DYNOSPACE_").AddCommandLine(args).Build();
    await new OperatorHost(OperatorConfiguration.Read(configuration), TimeProvider.System, loggers).RunAsync(stop.Token);
    return 0;
}
catch (OperatorConfigurationException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"{e.Message.TrimEnd('.')}: give another with --healthPort.");
    return 1;
}
catch (Exception e) when (e is not OperationCanceledException)
{
    logger.LogCritical(e, "The operator ends");
    return 1;
}
