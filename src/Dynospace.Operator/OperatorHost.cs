// Dynospace.Operator: the operator as a program: its options, its parts and the lease that lets one of several act.

using Dynospace.Api;
using Dynospace.Controllers;
using Dynospace.Hosting;
using Dynospace.Runtime.Leadership;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging;

namespace Dynospace.Operator;

/// <summary>Runs the operator in this process, wherever its API server is.</summary>
public sealed class OperatorHost(OperatorOptions options, TimeProvider clock, ILoggerFactory loggers)
{
    private static readonly TimeSpan StartPause = TimeSpan.FromSeconds(1);

    /// <summary>Runs until cancelled, which is a good end. Anything that a restart may mend is thrown.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunUntilCancelledAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked for.
        }
    }

    private async Task RunUntilCancelledAsync(CancellationToken cancellationToken)
    {
        using var client = ApiClient.Create(options.Client);
        var transport = new ApiTransport(
            client, new ApiTransportOptions { UserAgent = DynospaceGroup.FieldManager }, clock);
        var controllers = new DynospaceControllers(
            transport, options.Platform, Leadership(client), options.Identity, clock, loggers);

        await using var health = options.HealthPort is { } port
            ? await HealthEndpoint.StartAsync(
                port, () => transport.Trouble ?? controllers.Host.NotReady, cancellationToken)
            : null;
        await controllers.RunAsync(cancellationToken);
    }

    private LeaseLeadership? Leadership(Kubernetes client) => options.LeaderElection
        ? new LeaseLeadership(
            client,
            new LeadershipOptions
            {
                Namespace = options.Platform.Cluster.SystemNamespace,
                Name = DynospaceGroup.LeaseName,
                Identity = options.Identity,
            },
            clock,
            loggers.CreateLogger<LeaseLeadership>())
        : null;
}
