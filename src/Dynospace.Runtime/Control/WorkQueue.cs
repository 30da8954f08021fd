using System.Threading.Channels;

namespace Dynospace.Runtime.Control;

/// <summary>The back-off of a work queue: base, doubled for each failure in a row, up to the maximum.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>The wait after the first failure; short, since most are conflicts that pass at once.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// The wait after a first refusal that may pass: a service account appears within a second, a quota is raised
    /// within minutes.
    /// </summary>
    public TimeSpan RefusedDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The wait after a first refusal that the request itself causes.</summary>
    public TimeSpan PermanentDelay { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The longest wait.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// Keys that wait to be reconciled. A key waits once, however often it is added, and is never handed out twice at once:
/// if it is added while it is processed, it waits for <see cref="Done"/>. So no change is lost, and no two workers
/// reconcile the same object. Keys that were delayed come after those that were not.
/// </summary>
public sealed class WorkQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly KeyValuePair<string, object?> _tag;
    private readonly TimeProvider _clock;
    private readonly WorkQueueOptions _options;
    private readonly Channel<bool> _tokens = Channel.CreateUnbounded<bool>();
    private readonly ReadyLanes _ready = new();
    private readonly Dictionary<ObjectKey, (long Added, bool IsUrgent)> _dirty = [];
    private readonly HashSet<ObjectKey> _processing = [];
    private readonly Dictionary<ObjectKey, int> _failures = [];
    private readonly DelayedKeys _delayed;
    private bool _isShutDown;

    /// <summary>Makes a queue; the name is for metrics.</summary>
    public WorkQueue(string name, WorkQueueOptions options, TimeProvider clock)
    {
        _tag = RuntimeMetrics.Tag("queue", name);
        _options = options;
        _clock = clock;
        _delayed = new DelayedKeys(clock, key => Add(key, isUrgent: false));
    }

    /// <summary>How many keys are ready or were added again while processed; delayed keys do not count.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _dirty.Count;
            }
        }
    }

    /// <summary>Adds a key, unless it waits already.</summary>
    public void Add(ObjectKey key) => Add(key, isUrgent: true);

    /// <summary>Adds a key after a delay; of several delays the earliest end counts.</summary>
    public void AddAfter(ObjectKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        _delayed.Add(key, delay);
    }

    /// <summary>
    /// Adds a key that failed after its back-off, or after the wait the server asked for if that is longer.
    /// </summary>
    /// <param name="baseDelay">The wait after the first failure; null for the usual one.</param>
    public void AddRateLimited(ObjectKey key, TimeSpan? atLeast = null, TimeSpan? baseDelay = null)
    {
        var delay = NextDelay(key, baseDelay ?? _options.BaseDelay);
        AddAfter(key, atLeast > delay ? atLeast.Value : delay);
    }

    /// <summary>Resets the back-off of a key that was reconciled successfully.</summary>
    public void Forget(ObjectKey key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>How often a key has failed in a row.</summary>
    public int FailuresOf(ObjectKey key)
    {
        lock (_lock)
        {
            return _failures.GetValueOrDefault(key);
        }
    }

    /// <summary>
    /// The next key, for which <see cref="Done"/> must be called; null when the queue is shut down and drained.
    /// </summary>
    public async ValueTask<ObjectKey?> DequeueAsync(CancellationToken cancellationToken)
    {
        while (await _tokens.Reader.WaitToReadAsync(cancellationToken))
        {
            lock (_lock)
            {
                if (_tokens.Reader.TryRead(out _))
                {
                    var key = _ready.Take();
                    _dirty.Remove(key, out var dirty);
                    _processing.Add(key);
                    RuntimeMetrics.QueueDepthCounter.Add(-1, _tag);
                    RuntimeMetrics.QueueSeconds.Record(_clock.GetElapsedTime(dirty.Added).TotalSeconds, _tag);
                    return key;
                }
            }
        }

        return null;
    }

    /// <summary>Ends the processing of a key. If it was added meanwhile, it is queued again.</summary>
    public void Done(ObjectKey key)
    {
        lock (_lock)
        {
            if (_processing.Remove(key) && _dirty.TryGetValue(key, out var dirty))
            {
                MakeReady(key, dirty.IsUrgent);
            }

            CompleteIfDrained();
        }
    }

    /// <summary>
    /// Accepts no more keys. Keys that wait are still handed out; then <see cref="DequeueAsync"/> returns null. Delayed
    /// keys are dropped.
    /// </summary>
    public void ShutDown()
    {
        _delayed.Dispose();
        lock (_lock)
        {
            _isShutDown = true;
            CompleteIfDrained();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ShutDown();

    private void Add(ObjectKey key, bool isUrgent)
    {
        lock (_lock)
        {
            if (_isShutDown)
            {
                return;
            }

            if (_dirty.TryGetValue(key, out var dirty))
            {
                isUrgent |= dirty.IsUrgent;
                _dirty[key] = (dirty.Added, isUrgent);
            }
            else
            {
                _dirty[key] = (_clock.GetTimestamp(), isUrgent);
                RuntimeMetrics.QueueDepthCounter.Add(1, _tag);
            }

            if (!_processing.Contains(key))
            {
                MakeReady(key, isUrgent);
            }
        }
    }

    private void MakeReady(ObjectKey key, bool isUrgent)
    {
        if (_ready.Add(key, isUrgent))
        {
            _tokens.Writer.TryWrite(true);
        }
    }

    private TimeSpan NextDelay(ObjectKey key, TimeSpan baseDelay)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
        }

        // Beyond thirty doublings the maximum is reached whatever the base, and the product would overflow.
        var delay = baseDelay.Ticks * Math.Pow(2, Math.Min(failures, 30));
        return delay < _options.MaximumDelay.Ticks ? TimeSpan.FromTicks((long)delay) : _options.MaximumDelay;
    }

    private void CompleteIfDrained()
    {
        // A key that was added again while processed comes back, so the channel stays open for it.
        if (_isShutDown && (_processing.Count == 0 || !_processing.Overlaps(_dirty.Keys)))
        {
            _tokens.Writer.TryComplete();
        }
    }
}

/// <summary>
/// Keys that are ready, in two lanes: keys of new changes go before delayed ones, which mostly update a status. The
/// patient lane gets a turn at regular intervals, so that a storm of changes delays it and never stops it. Not
/// thread-safe.
/// </summary>
internal sealed class ReadyLanes
{
    /// <summary>One turn in this many belongs to the patient lane, whatever waits in the urgent one.</summary>
    public const int PatientShare = 8;

    private readonly Queue<ObjectKey> _urgent = new();
    private readonly Queue<ObjectKey> _patient = new();
    private readonly Dictionary<ObjectKey, bool> _waiting = [];
    private int _turns;

    public int Count => _waiting.Count;

    /// <summary>Adds a key, or moves one from the patient lane to the urgent one.</summary>
    /// <returns>Whether it did not wait before.</returns>
    public bool Add(ObjectKey key, bool isUrgent)
    {
        var isNew = !_waiting.TryGetValue(key, out var wasUrgent);
        if (isNew || (isUrgent && !wasUrgent))
        {
            // The entry that stays behind in the patient lane is skipped when its turn comes.
            _waiting[key] = isUrgent;
            (isUrgent ? _urgent : _patient).Enqueue(key);
        }

        return isNew;
    }

    /// <summary>The next key; there must be one.</summary>
    public ObjectKey Take()
    {
        var isPatientsTurn = ++_turns % PatientShare == 0;
        var key = (isPatientsTurn ? TryTake(_patient, isUrgent: false) : null)
            ?? TryTake(_urgent, isUrgent: true)
            ?? TryTake(_patient, isUrgent: false)
            ?? throw new InvalidOperationException("No key waits.");
        _waiting.Remove(key);
        return key;
    }

    private ObjectKey? TryTake(Queue<ObjectKey> lane, bool isUrgent)
    {
        while (lane.TryDequeue(out var key))
        {
            if (_waiting.TryGetValue(key, out var current) && current == isUrgent)
            {
                return key;
            }
        }

        return null;
    }
}

/// <summary>Delayed keys, with one timer for all of them.</summary>
internal sealed class DelayedKeys : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Action<ObjectKey> _due;
    private readonly ITimer _timer;
    private readonly Dictionary<ObjectKey, long> _times = [];
    private readonly PriorityQueue<ObjectKey, long> _order = new();
    private bool _isDisposed;

    public DelayedKeys(TimeProvider clock, Action<ObjectKey> due)
    {
        _clock = clock;
        _due = due;
        _timer = clock.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(ObjectKey key, TimeSpan delay)
    {
        lock (_lock)
        {
            var time = _clock.GetTimestamp() + ToTimestampTicks(delay);
            if (_isDisposed || (_times.TryGetValue(key, out var earlier) && earlier <= time))
            {
                return;
            }

            // A later entry of the same key stays in the queue and is skipped when its time comes.
            _times[key] = time;
            _order.Enqueue(key, time);
            Schedule();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _times.Clear();
            _order.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        List<ObjectKey> due = [];
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            var now = _clock.GetTimestamp();
            while (_order.TryPeek(out var key, out var time) && time <= now)
            {
                _order.Dequeue();
                if (_times.TryGetValue(key, out var current) && current == time)
                {
                    _times.Remove(key);
                    due.Add(key);
                }
            }

            Schedule();
        }

        // Outside the lock: the queue adds here while it holds its own lock.
        due.ForEach(_due);
    }

    private void Schedule()
    {
        if (!_order.TryPeek(out _, out var time))
        {
            return;
        }

        // Rounded up to whole milliseconds, the timer's resolution: a timer that fires too early would be set again in
        // a tight loop.
        var wait = _clock.GetElapsedTime(_clock.GetTimestamp(), time);
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, uint.MaxValue - 1);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private long ToTimestampTicks(TimeSpan delay) => (long)(delay.TotalSeconds * _clock.TimestampFrequency);
}
