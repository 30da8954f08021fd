using Dynospace.Hosting;
using Dynospace.Operator;

return await new HostedProgram<OperatorConfiguration>
{
    Name = "dynospace-operator",
    Summary = "Reconciles Spaces, Apps and Dynos: gives a Kubernetes cluster the network of a dyno platform.",
    EnvironmentPrefix = "DYNOSPACE_",
    Options = OperatorConfiguration.Table,
    PortOptions = ["healthPort"],
    RunAsync = (configuration, loggers, stop) =>
        new OperatorHost(configuration.ToOptions(), TimeProvider.System, loggers).RunAsync(stop),
}.RunToExitAsync(args);
