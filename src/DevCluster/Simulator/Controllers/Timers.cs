using System.Collections.Concurrent;
using System.Threading.Channels;

namespace DevCluster.Simulator.Controllers;

/// <summary>
/// Actions that run later, on the loop's thread. Actions are never cancelled: each checks whether it is still needed.
/// </summary>
internal sealed class Timers : IDisposable
{
    private readonly PriorityQueue<Action, DateTimeOffset> _queue = new();

    // A channel, because the timer may still fire during disposal.
    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    public Timers(TimeProvider clock)
    {
        _clock = clock;
        _timer = clock.CreateTimer(
            _ => _wake.Writer.TryWrite(true), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs an action on the loop's thread; called from other threads.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Writer.TryWrite(true);
    }

    public void After(TimeSpan delay, Action action) => _queue.Enqueue(action, _clock.GetUtcNow() + delay);

    /// <summary>Runs the due actions; false if there were none.</summary>
    public bool RunDue()
    {
        var any = false;
        while (_posted.TryDequeue(out var posted))
        {
            posted();
            any = true;
        }

        var now = _clock.GetUtcNow();
        while (_queue.TryPeek(out var action, out var due) && due <= now)
        {
            _queue.Dequeue();
            action();
            any = true;
        }

        return any;
    }

    /// <summary>Completes when the clock's timer fires.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _wake.Reader.ReadAsync(cancellationToken).AsTask();

    /// <summary>Sets the clock's timer to the next action.</summary>
    public void Arm()
    {
        if (_queue.TryPeek(out _, out var due))
        {
            // A system timer rounds down to whole milliseconds; round up, so that it never fires just before the time.
            var wait = due - _clock.GetUtcNow();
            _timer.Change(
                wait < TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer.Dispose();
}
