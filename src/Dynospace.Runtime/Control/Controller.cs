// Control: runs reconcilers: triggers, work queue, back-off and workers.

using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Caching;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Control;


/// <summary>How a controller works.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many objects are reconciled at once; never the same object twice.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>
    /// After this time a reconcile is cancelled and retried with back-off, so that one that hangs does not block a
    /// worker.
    /// </summary>
    public TimeSpan ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The back-off of failing keys.</summary>
    public WorkQueueOptions Queue { get; init; } = new();
}

/// <summary>
/// Runs one reconciler for the keys that changes of its informers map to. Changes are queued from the start, so that a
/// controller that waits for leadership begins with all pending work.
/// </summary>
public sealed class Controller : IDisposable
{
    private readonly ControllerOptions _options;
    private readonly ILogger<Controller> _logger;
    private readonly WorkQueue _queue;
    private readonly ReconcileWorker _worker;
    private readonly List<IInformer> _informers = [];

    /// <summary>Makes a controller; the name is for logs and metrics.</summary>
    public Controller(
        string name, IReconciler reconciler, ControllerOptions options, TimeProvider clock, ILogger<Controller> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = name;
        _options = options;
        _logger = logger;
        _queue = new WorkQueue(name, options.Queue, clock);
        _worker = new ReconcileWorker(name, reconciler, _queue, options.Queue, options.ReconcileTimeout, clock, logger);
    }

    /// <summary>The name in logs and metrics.</summary>
    public string Name { get; }

    /// <summary>The informers that must have synced before the first reconcile.</summary>
    public IReadOnlyCollection<IInformer> Informers => _informers;

    /// <summary>Reconciles every object of the informer that changes.</summary>
    public Controller For<T>(IInformer<T> informer)
        where T : class
    {
        informer.AddHandler(change => _queue.Add(change.Key));
        return Needs(informer);
    }

    /// <summary>
    /// Reconciles the objects that a change of another kind affects. The function gets the value before and after,
    /// since a change of owner affects both owners.
    /// </summary>
    /// <param name="settle">
    /// How long to wait for further changes, where one reconcile can handle many, such as sums over children.
    /// </param>
    public Controller Watches<T>(
        IInformer<T> informer, Func<T?, T?, IEnumerable<ObjectKey>> map, TimeSpan settle = default)
        where T : class
    {
        informer.AddHandler(change =>
        {
            foreach (var key in map(change.Old, change.New))
            {
                _queue.AddAfter(key, settle);
            }
        });
        return Needs(informer);
    }

    /// <summary>Reconciles the affected objects when an optional kind starts or stops being served.</summary>
    public Controller WatchesKind<T>(IInformer<T> informer, Func<IEnumerable<ObjectKey>> map)
        where T : class
    {
        informer.AddServedHandler(() =>
        {
            foreach (var key in map())
            {
                _queue.Add(key);
            }
        });
        return Needs(informer);
    }

    /// <summary>Adds an informer that is only read; the controller waits for its first list.</summary>
    public Controller Needs(IInformer informer)
    {
        if (!_informers.Contains(informer))
        {
            _informers.Add(informer);
        }

        return this;
    }

    /// <summary>Reconciles one object.</summary>
    public void Enqueue(ObjectKey key) => _queue.Add(key);

    /// <summary>
    /// Waits until the informers have synced and works until cancelled. It may be run again afterwards, and then
    /// continues where it stopped.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_informers.Select(i => i.WaitForSyncAsync(cancellationToken)));
            _logger.LogInformation("Controller {Controller} works with {Workers} workers", Name, _options.Workers);
            await Task.WhenAll(Enumerable.Range(0, _options.Workers)
                .Select(_ => Task.Run(() => _worker.RunAsync(cancellationToken), CancellationToken.None)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is the normal end of a controller.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();
}

/// <summary>
/// One of a controller's workers: takes a key, reconciles it, and decides by the result when to do so again.
/// </summary>
internal sealed class ReconcileWorker(
    string name, IReconciler reconciler, WorkQueue queue, WorkQueueOptions backoff, TimeSpan reconcileTimeout,
    TimeProvider clock, ILogger logger)
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
            // Not finished: the next leader, which may be this process, begins with it.
            queue.Add(key);
            return ReconcileOutcome.Interrupted;
        }
        catch (RetryableReconcileException e)
        {
            queue.AddRateLimited(key, e.RetryAfter, BaseDelay(e.Failure?.Class ?? FailureClass.Transient));

            // The applier has logged its own failures, each once.
            logger.Log(
                e.Failure is null ? LogLevel.Information : LogLevel.Debug,
                "{Controller} {Key} will be tried again (failure {Failures}): {Reason}",
                name, key, queue.FailuresOf(key), Text.Cap(e.Message));
            return ReconcileOutcome.Retry;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            queue.AddRateLimited(key);
            logger.LogWarning(
                "{Controller} {Key} took longer than {Timeout} and will be tried again", name, key, reconcileTimeout);
            return ReconcileOutcome.Retry;
        }
        catch (Exception e) when (FailureClassifier.IsRequestFailure(e))
        {
            queue.AddRateLimited(key, FailureClassifier.RetryAfter(e), BaseDelay(FailureClassifier.Classify(e)));
            logger.LogWarning("{Controller} {Key} will be tried again: {Reason}", name, key, Text.Cap(e.Message));
            return ReconcileOutcome.Retry;
        }
        catch (Exception e)
        {
            // A defect that one object triggers must not stop the others.
            queue.AddRateLimited(key);
            logger.LogError(e, "{Controller} {Key} met a defect and will be tried again", name, key);
            return ReconcileOutcome.Defect;
        }
    }

    private TimeSpan BaseDelay(FailureClass failure) => failure switch
    {
        FailureClass.MayPass => backoff.RefusedDelay,
        FailureClass.Permanent => backoff.PermanentDelay,
        _ => backoff.BaseDelay,
    };

    private void Measure(ReconcileOutcome outcome, TimeSpan duration)
    {
        var controller = RuntimeMetrics.Tag("controller", name);
        RuntimeMetrics.ReconcileCounter.Add(
            1, controller, RuntimeMetrics.Tag("result", outcome.ToString().ToLowerInvariant()));
        RuntimeMetrics.ReconcileSeconds.Record(duration.TotalSeconds, controller);
        if (outcome is ReconcileOutcome.Retry or ReconcileOutcome.Defect)
        {
            RuntimeMetrics.ReconcileErrorCounter.Add(1, controller);
        }
    }
}

/// <summary>How a reconcile ended; the values of the metric's tag <c>result</c>.</summary>
internal enum ReconcileOutcome
{
    Success,
    Recheck,
    Retry,
    Defect,
    Interrupted,
}
