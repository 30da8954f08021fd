using Dynospace.Runtime.Control;
using Dynospace.Runtime.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests.Control;

public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly WorkQueue _queue;

    public WorkQueueTests() => _queue = new WorkQueue("test", new WorkQueueOptions(), _clock);

    [Fact]
    public async Task Key_added_twice_waits_once()
    {
        _queue.Add(Key("a"));
        _queue.Add(Key("a"));
        _queue.Add(Key("b"));
        Assert.Equal(2, _queue.Depth);
        Assert.Equal("a", await NextAsync());
        Assert.Equal("b", await NextAsync());
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task Key_added_while_processed_waits_until_done()
    {
        _queue.Add(Key("a"));
        Assert.Equal("a", await NextAsync());
        _queue.Add(Key("a"));
        var next = NextAsync();
        Assert.False(next.IsCompleted);
        _queue.Done(Key("a"));
        Assert.Equal("a", await next);
        _queue.Done(Key("a"));
        Assert.False(NextAsync().IsCompleted);
    }

    [Fact]
    public async Task Delayed_key_comes_at_its_time_and_the_earliest_wins()
    {
        _queue.AddAfter(Key("a"), TimeSpan.FromSeconds(10));
        _queue.AddAfter(Key("a"), TimeSpan.FromSeconds(2));
        _queue.AddAfter(Key("a"), TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, _queue.Depth);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("a", await NextAsync());
        _queue.Done(Key("a"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public void Delayed_keys_keep_their_order_among_many()
    {
        for (var i = 0; i < 100; i++)
        {
            _queue.AddAfter(Key($"k{i}"), TimeSpan.FromSeconds(100 - i));
        }

        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(50, _queue.Depth);
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(100, _queue.Depth);
    }

    [Fact]
    public void Very_long_delay_is_a_delay()
    {
        _queue.AddAfter(Key("a"), TimeSpan.FromDays(365));
        _clock.Advance(TimeSpan.FromDays(300));
        Assert.Equal(0, _queue.Depth);
        _clock.Advance(TimeSpan.FromDays(66));
        Assert.Equal(1, _queue.Depth);
    }

    [Fact]
    public void Failures_double_the_wait_up_to_the_maximum_and_forget_ends_it()
    {
        Assert.Equal(
            [5, 10, 20, 40, 80],
            Enumerable.Range(0, 5).Select(_ => MillisecondsUntilBack()));
        for (var i = 0; i < 60; i++)
        {
            MillisecondsUntilBack();
        }

        Assert.Equal(120_000, MillisecondsUntilBack());
        Assert.Equal(66, _queue.FailuresOf(Key("a")));
        _queue.Forget(Key("a"));
        Assert.Equal(5, MillisecondsUntilBack());
    }

    [Fact]
    public void Server_may_ask_for_a_longer_wait_but_not_for_a_shorter_one()
    {
        Assert.Equal(3_000, MillisecondsUntilBack(TimeSpan.FromSeconds(3)));
        Assert.Equal(10, MillisecondsUntilBack(TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Shut_down_queue_hands_out_what_waits_and_then_ends()
    {
        _queue.Add(Key("a"));
        _queue.Add(Key("b"));
        Assert.Equal("a", await NextAsync());
        _queue.Add(Key("a"));
        _queue.ShutDown();
        _queue.Add(Key("late"));
        _queue.AddAfter(Key("late"), TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("b", await NextAsync());
        _queue.Done(Key("b"));
        _queue.Done(Key("a"));
        Assert.Equal("a", await NextAsync());
        _queue.Done(Key("a"));
        Assert.Null(await NextAsync());
    }

    [Fact]
    public async Task Cancelled_dequeue_takes_no_key()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = _queue.DequeueAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _queue.Add(Key("a"));
        Assert.Equal("a", await NextAsync());
    }

    [Fact]
    public async Task Metrics_report_depth_and_latency()
    {
        using var metrics = new MetricRecorder();
        using var queue = new WorkQueue("measured", new WorkQueueOptions(), _clock);
        queue.Add(Key("a"));
        queue.Add(Key("b"));
        _clock.Advance(TimeSpan.FromSeconds(3));
        await queue.DequeueAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, metrics.Sum(RuntimeMetrics.QueueDepth, "queue=measured"));
        Assert.Equal(3, metrics.Sum(RuntimeMetrics.QueueLatency, "queue=measured"));
    }

    public void Dispose() => _queue.Dispose();

    private static ObjectKey Key(string name) => new("ns", name);

    private async Task<string?> NextAsync() => (await _queue.DequeueAsync(TestContext.Current.CancellationToken))?.Name;

    /// <summary>Fails the key and counts milliseconds until it waits again.</summary>
    private int MillisecondsUntilBack(TimeSpan? atLeast = null)
    {
        _queue.AddRateLimited(Key("a"), atLeast);
        var passed = 0;
        while (_queue.Depth == 0)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            passed++;
        }

        Assert.True(_queue.DequeueAsync(TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
        _queue.Done(Key("a"));
        return passed;
    }
}
