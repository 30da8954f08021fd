using Dynospace.Runtime.Caching;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Control;

/// <summary>
/// Runs one reconciler for the keys that its informers' changes map to. Changes are queued from the start, so that a controller that waits
/// for leadership begins with all there is to do.
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
        _worker = new ReconcileWorker(name, reconciler, _queue, options.ReconcileTimeout, clock, logger);
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
    /// Reconciles what a change of another kind concerns. The function gets the value before and after, since a change of owner concerns both.
    /// </summary>
    /// <param name="settle">How long to wait for further changes, where one reconcile shall do for many: sums over children, say.</param>
    public Controller Watches<T>(IInformer<T> informer, Func<T?, T?, IEnumerable<ObjectKey>> map, TimeSpan settle = default)
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

    /// <summary>Reconciles what the coming or going of an optional kind concerns.</summary>
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

    /// <summary>Waits for an informer that is only read.</summary>
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

    /// <summary>Waits for the informers' sync and works until cancelled; may be run again afterwards, and then goes on where it stopped.</summary>
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
            // Being cancelled is how a controller ends.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();
}
