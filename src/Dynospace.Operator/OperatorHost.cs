using Dynospace.Api;
using Dynospace.Controllers;
using Dynospace.Runtime.Applying;
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
        using var client = new Kubernetes(options.Client);
        var transport = new ApiTransport(client, new ApiTransportOptions { UserAgent = DynospaceGroup.FieldManager }, clock);
        var serviceRanges = await ServiceRangesAsync(transport, cancellationToken);
        var controllers = new DynospaceControllers(
            transport, options.Platform, serviceRanges, Leadership(client), options.Identity, clock, loggers);

        await using var health = options.HealthPort is { } port ? await HealthServer.StartAsync(port, controllers.Host, cancellationToken) : null;
        await controllers.RunAsync(cancellationToken);
    }

    /// <summary>The first question to the API server: one that is not there yet, or not now, is waited for like at any later time.</summary>
    private async Task<IReadOnlyList<string>> ServiceRangesAsync(ApiTransport transport, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger<OperatorHost>();
        while (true)
        {
            try
            {
                return await ServiceRanges.ReadAsync(transport, cancellationToken);
            }
            catch (Exception e) when (FailureClassifier.IsRequestFailure(e) && FailureClassifier.Classify(e) == FailureClass.Retryable)
            {
                logger.LogWarning("The API server does not answer and is asked again: {Reason}", e.Message);
                await Task.Delay(StartPause, clock, cancellationToken);
            }
        }
    }

    private LeaseLeadership? Leadership(Kubernetes client) => options.LeaderElection
        ? new LeaseLeadership(
            client,
            new LeadershipOptions { Namespace = options.Platform.Cluster.SystemNamespace, Name = "dynospace-operator", Identity = options.Identity },
            clock,
            loggers.CreateLogger<LeaseLeadership>())
        : null;
}
