using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>Runs the operator; tests put another in its place.</summary>
internal interface IOperatorRunner
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken);
}
