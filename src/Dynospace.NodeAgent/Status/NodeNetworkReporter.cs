// Status: writes the reports of the agent's parts to the node's NodeNetwork.

using Dynospace.Api.Nodes;
using Dynospace.Runtime.Applying;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Status;

/// <summary>
/// Keeps the status of this node's NodeNetwork in step with the parts. Refused writes are retried and do not block any
/// part: a node works without its status.
/// </summary>
/// <param name="reports">Returns the current reports of the parts.</param>
/// <param name="kernel">Returns the last kernel measurement; null before the first.</param>
public sealed class NodeNetworkReporter(
    NodeNetworkObject own,
    Func<IReadOnlyList<PartReport>> reports,
    Func<NodeKernel?> kernel,
    TimeProvider clock,
    ILogger<NodeNetworkReporter> logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(15);

    private NodeNetwork? _written;
    private string? _refusal;

    /// <summary>Reports until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var readAt = clock.GetUtcNow();
        while (true)
        {
            var wait = LookEvery;
            try
            {
                if (clock.GetUtcNow() - readAt >= ReadEvery)
                {
                    (_written, readAt) = (null, clock.GetUtcNow());
                }

                await ReportAsync(cancellationToken);
                _refusal = null;
            }
            catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
            {
                if (e.Message != _refusal)
                {
                    logger.LogWarning("The status of {Node} cannot be written: {Error}", own.Node, e.Message);
                }

                (_refusal, _written, wait) = (e.Message, null, RetryAfter);
            }

            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    /// <summary>Writes the status if it differs from the one last read or written.</summary>
    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        var (parts, measured) = (reports(), kernel());
        StatusMetrics.Set(own.Node, parts, measured);
        _written ??= await own.FindAsync(cancellationToken)
            ?? await own.CreateAsync(block: null, cancellationToken);
        var next = NodeNetworkStatuses.Next(
            _written.Status, parts, measured, _written.Metadata.Generation, clock.GetUtcNow());
        if (!NodeNetworkStatuses.AreEqual(_written.Status, next))
        {
            _written = await own.WriteStatusAsync(next, cancellationToken);
        }
    }
}
