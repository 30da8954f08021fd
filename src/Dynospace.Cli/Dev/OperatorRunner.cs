using Dynospace.Api.Spaces;
using Dynospace.Operator;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev;

/// <summary>The operator as it runs anywhere, but alone: no lease to share and no port to serve.</summary>
/// <param name="hasNetwork">
/// Whether pods run, so that the DNS of a space can answer, and nodes can have its fixed IPs.
/// </param>
public sealed class OperatorRunner(TimeProvider clock, bool hasNetwork) : IOperatorRunner
{
    /// <summary>No image is pulled: the name selects a stand-in.</summary>
    private const string SpaceDnsImage = "registry.k8s.io/coredns/coredns:v1.13.1";

    public Task RunAsync(
        KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var options = new OperatorOptions
        {
            Client = client,
            LeaderElection = false,
            HealthPort = null,
            Platform = new()
            {
                Dns = new() { SpaceImage = hasNetwork ? SpaceDnsImage : null },
                Egress = new() { Provider = hasNetwork ? EgressProvider.Builtin : EgressProvider.None },
            },
        };
        return new OperatorHost(options, clock, loggers).RunAsync(cancellationToken);
    }
}

/// <summary>Runs the operator; tests put another in its place.</summary>
public interface IOperatorRunner
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(KubernetesClientConfiguration client, ILoggerFactory loggers, CancellationToken cancellationToken);
}
