using Dynospace.Runtime.Applying;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Control;

/// <summary>One of a controller's workers: takes a key, reconciles it and decides by the way it ended when to look at it again.</summary>
internal sealed class ReconcileWorker(
    string name, IReconciler reconciler, WorkQueue queue, TimeSpan reconcileTimeout, TimeProvider clock, ILogger logger)
{
    /// <summary>Takes keys until the queue is shut down.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await queue.DequeueAsync(cancellationToken) is { } key)
        {
            var started = clock.GetTimestamp();
            var outcome = ReconcileOutcome.Interrupted;
            try
            {
                outcome = await ProcessAsync(key, cancellationToken);
            }
            finally
            {
                Measure(outcome, clock.GetElapsedTime(started));
                queue.Done(key);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<ReconcileOutcome> ProcessAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(reconcileTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var result = await reconciler.ReconcileAsync(key, either.Token);
            queue.Forget(key);
            if (result.RecheckAfter is not { } recheck)
            {
                return ReconcileOutcome.Success;
            }

            queue.AddAfter(key, recheck);
            return ReconcileOutcome.Recheck;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Not done: whoever leads next, be it this process again, begins with it.
            queue.Add(key);
            return ReconcileOutcome.Interrupted;
        }
        catch (RetryableReconcileException e)
        {
            queue.AddRateLimited(key, e.RetryAfter);
            logger.LogInformation(
                "{Controller} {Key} will be tried again (failure {Failures}): {Reason}", name, key, queue.FailuresOf(key), Text.Cap(e.Message));
            return ReconcileOutcome.Retry;
        }
        catch (TerminalReconcileException e)
        {
            queue.Forget(key);
            logger.LogError(e, "{Controller} {Key} failed until it changes", name, key);
            return ReconcileOutcome.Terminal;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            queue.AddRateLimited(key);
            logger.LogWarning("{Controller} {Key} took longer than {Timeout} and will be tried again", name, key, reconcileTimeout);
            return ReconcileOutcome.Retry;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            queue.AddRateLimited(key, FailureClassifier.RetryAfter(e));
            logger.LogWarning("{Controller} {Key} will be tried again: {Reason}", name, key, Text.Cap(e.Message));
            return ReconcileOutcome.Retry;
        }
        catch (Exception e)
        {
            // A defect met by one object must not stop the others.
            queue.AddRateLimited(key);
            logger.LogError(e, "{Controller} {Key} met a defect and will be tried again", name, key);
            return ReconcileOutcome.Defect;
        }
    }

    private void Measure(ReconcileOutcome outcome, TimeSpan duration)
    {
        var controller = RuntimeMetrics.Tag("controller", name);
        RuntimeMetrics.ReconcileCounter.Add(1, controller, RuntimeMetrics.Tag("result", outcome.ToString().ToLowerInvariant()));
        RuntimeMetrics.ReconcileSeconds.Record(duration.TotalSeconds, controller);
        if (outcome is ReconcileOutcome.Retry or ReconcileOutcome.Terminal or ReconcileOutcome.Defect)
        {
            RuntimeMetrics.ReconcileErrorCounter.Add(1, controller);
        }
    }
}
