using System.Diagnostics;
using System.Text.Json;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;

namespace Dynospace.Benchmarks.Load;

/// <summary>Follows one kind and remembers when each object was first seen, and which pass a test now.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ObjectKey> _present = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly HashSet<ObjectKey> _passing = [];
    private readonly Func<JsonElement, bool> _test;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _run = Task.CompletedTask;
    private long _lastAdded;
    private ObjectKey _lastKey;

    private readonly string _kind;
    private readonly Action<string> _progress;

    private Watch(string kind, Func<JsonElement, bool> test, Action<string> progress) =>
        (_kind, _test, _progress) = (kind, test, progress);

    /// <param name="progress">Gets what is waited for, when it takes long.</param>
    public static async Task<Watch> StartAsync(
        Cluster cluster,
        ResourceKind kind,
        Func<JsonElement, bool> test,
        Action<string> progress,
        CancellationToken cancellationToken)
    {
        var watch = new Watch(kind.Plural, test, progress);
        using var page = await cluster.Transport.ListAsync(kind, new ListQuery(), cancellationToken);
        foreach (var item in page.Items)
        {
            watch.Record(WatchEventType.Added, item);
        }

        var version = page.ResourceVersion;
        watch._run = Task.Run(() => watch.FollowAsync(cluster, kind, version), CancellationToken.None);
        return watch;
    }

    /// <summary>
    /// Waits until so many objects of a namespace exist; the time stamp at which the last of them was seen.
    /// </summary>
    public async Task<long> UntilPresentAsync(string ns, int count, CancellationToken cancellationToken)
    {
        await UntilAsync(
            () => _counts.GetValueOrDefault(ns) == count,
            () => $"{count} {_kind} in {ns}; there are {_counts.GetValueOrDefault(ns)}",
            cancellationToken);
        return _lastAdded;
    }

    /// <summary>Waits until so many objects that are asked for pass the test.</summary>
    public Task UntilPassingAsync(Func<ObjectKey, bool> isAskedFor, int count, CancellationToken cancellationToken) =>
        UntilAsync(
            () => _passing.Count(isAskedFor) >= count,
            () => $"{count} {_kind} that are ready; {_passing.Count(isAskedFor)} are",
            cancellationToken);

    /// <summary>
    /// Waits until an object of a namespace with this beginning of its name exists; the time stamp at which it was
    /// seen.
    /// </summary>
    public async Task<long> UntilAddedAsync(string ns, string prefix, CancellationToken cancellationToken)
    {
        await UntilAsync(
            () => _lastKey.Namespace == ns && _lastKey.Name.StartsWith(prefix, StringComparison.Ordinal),
            () => $"{_kind} {ns}/{prefix}...; the last one seen is {_lastKey}",
            cancellationToken);
        return _lastAdded;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>Every wait has a limit, and says what it waits for when it takes long and when it ends so.</summary>
    private async Task UntilAsync(Func<bool> isSo, Func<string> wanted, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var reported = TimeSpan.Zero;
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (isSo())
                {
                    return;
                }

                changed = _changed.Task;
            }

            var ended = await Task.WhenAny(changed, _run, Task.Delay(ProgressInterval, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed > LongestWait)
            {
                throw new TimeoutException(
                    $"After {LongestWait.TotalMinutes:0} minutes it is still waited for {Wanted(wanted)}.");
            }

            if (elapsed - reported > ProgressInterval)
            {
                reported = elapsed;
                _progress($"{elapsed.TotalSeconds:0} s: waiting for {Wanted(wanted)}");
            }

            if (ended == _run)
            {
                await _run;
                throw new InvalidOperationException("The watch ended.");
            }
        }
    }

    private string Wanted(Func<string> wanted)
    {
        lock (_gate)
        {
            return wanted();
        }
    }

    private async Task FollowAsync(Cluster cluster, ResourceKind kind, string version)
    {
        while (true)
        {
            await foreach (var change in cluster.Transport.WatchAsync(
                kind, new WatchQuery { ResourceVersion = version }, _stop.Token))
            {
                version = change.Object.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
                Record(change.Type, change.Object);
            }
        }
    }

    private void Record(WatchEventType type, JsonElement found)
    {
        if (type == WatchEventType.Bookmark)
        {
            return;
        }

        var metadata = found.GetProperty("metadata");
        var key = new ObjectKey(
            metadata.TryGetProperty("namespace", out var ns) ? ns.GetString() : null,
            metadata.GetProperty("name").GetString()!);
        TaskCompletionSource changed;
        lock (_gate)
        {
            var isNews = type == WatchEventType.Deleted ? Forget(key) : Remember(key);
            isNews |= type != WatchEventType.Deleted && _test(found) ? _passing.Add(key) : _passing.Remove(key);
            if (!isNews)
            {
                return;
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    private bool Remember(ObjectKey key)
    {
        if (!_present.Add(key))
        {
            return false;
        }

        (_lastAdded, _lastKey) = (Stopwatch.GetTimestamp(), key);
        Count(key, 1);
        return true;
    }

    private bool Forget(ObjectKey key)
    {
        Count(key, _present.Remove(key) ? -1 : 0);
        return true;
    }

    private void Count(ObjectKey key, int change) =>
        _counts[key.Namespace ?? ""] = _counts.GetValueOrDefault(key.Namespace ?? "") + change;
}
