namespace Dynospace.Runtime.Control;

/// <summary>Keys that wait for a time, with one timer for all of them.</summary>
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

            // A later entry of the same key stays in the order and is passed over when its time comes.
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

        // Outside the lock: the queue has its own, and adds here while holding it.
        due.ForEach(_due);
    }

    private void Schedule()
    {
        if (!_order.TryPeek(out _, out var time))
        {
            return;
        }

        // Rounded up to whole milliseconds, the timer's grain: too early would mean another round, in a tight loop.
        var wait = _clock.GetElapsedTime(_clock.GetTimestamp(), time);
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 1, uint.MaxValue - 1);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private long ToTimestampTicks(TimeSpan delay) => (long)(delay.TotalSeconds * _clock.TimestampFrequency);
}
