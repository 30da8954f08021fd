// Caching: keeps the objects of a kind in memory, up to date with the API server whatever happens to the connection.

using System.Net;
using System.Text.Json;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Runtime.Caching;


/// <summary>
/// An informer over a transport: lists, then watches, and when the watch ends, <see cref="InformerMachine"/> decides
/// whether to resume it or to list again.
/// </summary>
public sealed class Informer<T> : IInformer<T>
    where T : class
{
    /// <summary>
    /// After this many server errors in a row a watch is assumed to fail because of its resource version: servers
    /// answer a bad one with 500.
    /// </summary>
    private const int MostServerErrors = 5;

    private readonly InformerTiming _timing;
    private readonly TimeProvider _clock;
    private readonly ILogger<Informer<T>> _logger;
    private readonly Backoff _backoff;
    private readonly Backoff _absence;
    private readonly ObjectStore<T> _store;
    private readonly InformerLister<T> _lister;
    private readonly InformerWatcher<T> _watcher;
    private readonly ChangeHandlers<T> _handlers;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _isOptional;
    private readonly List<Action> _servedHandlers = [];
    private bool _isRunning;
    private volatile bool _isServed;
    private int _serverErrors;

    /// <summary>Makes an informer; it does nothing before it runs.</summary>
    public Informer(
        IApiTransport transport,
        ResourceKind kind,
        InformerOptions<T> options,
        TimeProvider clock,
        ILogger<Informer<T>> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        Kind = kind;
        _timing = options.Timing;
        _isOptional = options.IsOptional;
        _isServed = !options.IsOptional;
        _clock = clock;
        _logger = logger;
        _backoff = new Backoff(_timing.InitialBackoff, _timing.MaximumBackoff, clock, Random.Shared.NextDouble);
        _absence = new Backoff(_timing.InitialBackoff, _timing.LongestAbsence, clock, Random.Shared.NextDouble);
        _store = new ObjectStore<T>(options.Indexers);
        _handlers = new ChangeHandlers<T>(kind, logger);
        var decoder = new ObjectDecoder<T>(kind, options.Decode, options.KeepManager);
        _lister = new InformerLister<T>(transport, kind, options, decoder, _store, logger);
        _watcher = new InformerWatcher<T>(transport, kind, options, decoder, _store, clock, logger);
    }

    /// <inheritdoc/>
    public ResourceKind Kind { get; }

    /// <inheritdoc/>
    public bool HasSynced => _store.HasSynced;

    /// <inheritdoc/>
    public IStore<T> Store => _store;

    /// <inheritdoc/>
    public void AddHandler(Action<ObjectChange<T>> handler)
    {
        RefuseHandlerIfRunning();
        _handlers.Add(handler);
    }

    /// <inheritdoc/>
    public bool IsServed => _isServed;

    /// <inheritdoc/>
    public void AddServedHandler(Action handler)
    {
        RefuseHandlerIfRunning();
        _servedHandlers.Add(handler);
    }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isRunning, true))
        {
            throw new InvalidOperationException($"The informer of {Kind} runs already.");
        }

        try
        {
            var phase = InformerPhase.Listing;
            while (true)
            {
                phase = await RunPhaseAsync(phase, cancellationToken);
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is the normal end of an informer, whatever failed at the same moment.
        }
        finally
        {
            Volatile.Write(ref _isRunning, false);
        }
    }

    private void RefuseHandlerIfRunning()
    {
        if (Volatile.Read(ref _isRunning))
        {
            throw new InvalidOperationException(
                $"The informer of {Kind} runs already; a handler added now would miss what it knows.");
        }
    }

    private async Task<InformerPhase> RunPhaseAsync(InformerPhase phase, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        var result = await TryAsync(phase, cancellationToken);
        _serverErrors = result.IsServerError ? _serverErrors + 1 : 0;
        if (phase == InformerPhase.Watching && _serverErrors >= MostServerErrors)
        {
            result = result with { Outcome = InformerOutcome.Rejected };
        }

        if (result.Outcome is InformerOutcome.Listed or InformerOutcome.Unserved)
        {
            Settle(result.Outcome == InformerOutcome.Listed);
        }
        else
        {
            RuntimeMetrics.WatchRestartCounter.Add(
                1, RuntimeMetrics.Tag("kind", Kind.Kind), RuntimeMetrics.Tag("cause", result.Outcome.ToString()));
        }

        if (result.Outcome == InformerOutcome.Undecodable)
        {
            RuntimeMetrics.UndecodableCounter.Add(1, RuntimeMetrics.Tag("kind", Kind.Kind));
        }

        var step = InformerMachine.Next(phase, result.Outcome, _clock.GetElapsedTime(started) < _timing.ShortestWatch);
        await PauseAsync(phase, result, step, cancellationToken);
        return step.Next;
    }

    /// <summary>The first list is complete, or it is known that there is nothing to list.</summary>
    private void Settle(bool isServed)
    {
        if (isServed)
        {
            _logger.LogDebug("Listed {Kind}: {Count} objects", Kind.Kind, _store.Count);
        }
        else
        {
            // Every object counts as deleted, and its handlers are notified.
            foreach (var change in _store.Replace(new Dictionary<ObjectKey, StoredObject<T>>()))
            {
                _handlers.Notify(change);
            }
        }

        var turned = _isServed != isServed;
        _isServed = isServed;
        _store.MarkSynced();
        _synced.TrySetResult();
        if (turned)
        {
            _logger.LogInformation("{Kind} is {State}", Kind, isServed ? "served" : "no longer served");
            _servedHandlers.ForEach(handler => handler());
        }
    }

    private async Task<InformerResult> TryAsync(InformerPhase phase, CancellationToken cancellationToken)
    {
        try
        {
            switch (phase)
            {
                case InformerPhase.Listing:
                    var list = await _lister.ListAsync(cancellationToken);
                    _watcher.ResumeFrom(list.ResourceVersion);
                    foreach (var change in list.Changes)
                    {
                        _handlers.Notify(change);
                    }

                    return new InformerResult(InformerOutcome.Listed);
                default:
                    return new InformerResult(await _watcher.WatchAsync(_handlers.Notify, cancellationToken));
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Any failure is retried: giving up would leave a stale cache, which is worse than any of them.
            return IsAbsence(e)
                ? new InformerResult(InformerOutcome.Unserved, e)
                : InformerResult.FromFailure(e);
        }
    }

    /// <summary>A right that was withdrawn may come back at any moment; a kind that is not found is gone.</summary>
    private bool IsAbsence(Exception e) => _isOptional
        && e is ApiException { Code: var code } && (code == HttpStatusCode.NotFound || (code == HttpStatusCode.Forbidden
            && !_isServed));

    private async Task PauseAsync(
        InformerPhase phase, InformerResult result, InformerStep step, CancellationToken cancellationToken)
    {
        if (!step.Pauses)
        {
            if (result.Outcome != InformerOutcome.Listed)
            {
                _logger.LogDebug(
                    "{Phase} {Kind} ended: {Outcome}; next {Next}", phase, Kind.Kind, result.Outcome, step.Next);
            }

            return;
        }

        var pause = (result.Outcome == InformerOutcome.Unserved ? _absence : _backoff).Next();
        pause = result.RetryAfter > pause ? result.RetryAfter.Value : pause;

        // The pause begins before the log line, so that a test that advances the clock when it sees the line advances
        // the pause too.
        var paused = Task.Delay(pause, _clock, cancellationToken);
        if (result.Outcome != InformerOutcome.Unserved)
        {
            _logger.LogWarning(
                "{Phase} {Kind} ended: {Outcome}: {Cause}; next {Next} in {Pause}",
                phase, Kind.Kind, result.Outcome, Text.Cap(result.Cause?.Message ?? "too soon"), step.Next, pause);
        }

        await paused;
    }
}

/// <summary>What an informer watches, and what it keeps.</summary>
public sealed record InformerOptions<T>
    where T : class
{
    /// <summary>
    /// Makes the cached value; the JSON is not valid afterwards. Null for KubernetesClient's deserialisation without
    /// managedFields. Keep only what is needed: this decides how much memory the operator uses.
    /// </summary>
    public Func<JsonElement, T>? Decode { get; init; }

    /// <summary>
    /// Without <see cref="Decode"/>: what is kept of each entry of managedFields; null to keep none. The list of fields
    /// in an entry is many times larger than the rest of it.
    /// </summary>
    public Func<V1ManagedFieldsEntry, V1ManagedFieldsEntry?>? KeepManager { get; init; }

    /// <summary>The namespace, or null for all.</summary>
    public string? Namespace { get; init; }

    /// <summary>A label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Named functions from a value to the keys it is filed under.</summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexers { get; init; } =
        new Dictionary<string, Func<T, IEnumerable<string>>>();

    /// <summary>
    /// Whether the kind, or the right to read it, may be missing. Then the store is empty until it appears, nothing
    /// waits for it, and <see cref="IInformer.IsServed"/> is false.
    /// </summary>
    public bool IsOptional { get; init; }

    /// <summary>The timing of lists and watches.</summary>
    public InformerTiming Timing { get; init; } = new();
}

/// <summary>The timing of lists and watches.</summary>
public sealed record InformerTiming
{
    /// <summary>How many objects a page of a list holds.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// How long the server keeps a watch at most; up to a tenth is taken off at random so that watches do not end
    /// together. Below the five minutes after which some proxies cut connections.
    /// </summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromSeconds(290);

    /// <summary>
    /// How long a watch may be silent before it counts as half-open and is resumed: twice the API server's interval of
    /// bookmarks.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// A watch that ends sooner than this is not resumed at once, or a broken proxy would be called in a tight loop.
    /// </summary>
    public TimeSpan ShortestWatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause after a failure; each further one doubles it.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause; short, since a list costs the server little and people wait for it.</summary>
    public TimeSpan MaximumBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest pause between two attempts to find an optional kind that is missing: it may never be installed.
    /// </summary>
    public TimeSpan LongestAbsence { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>Notifies the handlers of changes, one after the other.</summary>
internal sealed class ChangeHandlers<T>(ResourceKind kind, ILogger logger)
    where T : class
{
    private readonly List<Action<ObjectChange<T>>> _handlers = [];

    public void Add(Action<ObjectChange<T>> handler) => _handlers.Add(handler);

    public void Notify(ObjectChange<T> change)
    {
        foreach (var handler in _handlers)
        {
            try
            {
                handler(change);
            }
            catch (Exception e)
            {
                // A defect in one handler must not keep changes from the others, nor end the watch.
                logger.LogError(e, "A handler of {Kind} {Key} failed", kind.Kind, change.Key);
            }
        }
    }
}
