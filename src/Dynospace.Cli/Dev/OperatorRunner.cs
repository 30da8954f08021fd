using Dynospace.Operator;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The operator as it runs anywhere, but alone: no lease to share and no port to serve.</summary>
internal sealed class OperatorRunner(TimeProvider clock) : IOperatorRunner
{
    public Task RunAsync(
        KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = new OperatorOptions
        {
            Client = client,
            LeaderElection = false,
            HealthPort = null,
        };
        return new OperatorHost(options, clock, loggers).RunAsync(cancellationToken);
    }
}

/// <summary>Runs the operator; tests put another in its place.</summary>
internal interface IOperatorRunner
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken);
}
