using System.Threading.Channels;
using Dynospace.Cli.Client;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Cli.Logs;

/// <summary>Selects lines.</summary>
/// <param name="Types">Process types; empty for all.</param>
/// <param name="Dynos">Dynos, as in <c>web.1</c>; empty for all.</param>
/// <param name="Source">One of <see cref="LogSources"/>; null for all of them.</param>
public sealed record LogFilter(
    IReadOnlyCollection<string> Types, IReadOnlyCollection<string> Dynos, string? Source)
{
    public bool Takes(LogPod pod) =>
        (Types.Count == 0 || Types.Contains(pod.Dyno.Split('.')[0]))
        && (Dynos.Count == 0 || Dynos.Contains(pod.Dyno))
        && (Source is null || Source == pod.Source);
}

/// <summary>The logs of all pods of an app, merged in time.</summary>
/// <param name="router">The lines of the app's requests; null to leave them out.</param>
public sealed class LogFollower(IPodLogs logs, LogFilter filter, TimeProvider clock, RouterLog? router = null)
{
    /// <summary>How long a line waits for older ones of other dynos.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two tries to open a stream that ended although its process should be running.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>How many logs are read at once: each is a request to the API server and a kubelet.</summary>
    private const int AtOnce = 16;

    private readonly Dictionary<string, LogReader> _readers = new(StringComparer.Ordinal);

    /// <summary>Reads the last lines of all pods and merges them with others, in the order of their times.</summary>
    public async Task<IReadOnlyList<LogLine>> ReadAsync(
        IEnumerable<LogPod> pods,
        IEnumerable<LogLine> requests,
        int? tail,
        DateTimeOffset? since,
        CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        var wanted = pods.Where(filter.Takes).Select(pod => (Pod: pod, Reader: ReaderOf(pod))).ToList();
        var read = await Task.WhenAll(wanted.Select(async entry =>
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                return await entry.Reader.ReadAsync(entry.Pod, tail, since, cancellationToken);
            }
            finally
            {
                slots.Release();
            }
        }));
        var all = read.SelectMany(lines => lines).Concat(requests).OrderBy(line => line.Time);
        return tail is { } most ? [.. all.TakeLast(most)] : [.. all];
    }

    /// <summary>Passes on every further line, until cancelled or a log is refused.</summary>
    /// <param name="changes">The pods and their changes; first all of them.</param>
    public async Task FollowAsync(
        IAsyncEnumerable<ClusterNews<V1Pod>> changes, string app, Action<IEnumerable<LogLine>> show,
        CancellationToken cancellationToken)
    {
        var lines = Channel.CreateUnbounded<LogLine>();
        var followed = new Dictionary<string, FollowedPod>(StringComparer.Ordinal);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var showing = ShowAsync(lines.Reader, show, stop.Token);
        var requests = FollowRouterAsync(lines.Writer, stop);
        try
        {
            await foreach (var news in changes.WithCancellation(stop.Token))
            {
                var pods = (news.All ?? [news.Object!])
                    .SelectMany(pod => LogPod.AllFromPod(pod, app)).Where(filter.Takes).ToList();
                var isGone = news.All is null && news.Type == WatchEventType.Deleted;
                foreach (var pod in pods)
                {
                    if (!followed.TryGetValue(pod.Uid, out var known))
                    {
                        followed[pod.Uid] = known = new FollowedPod();
                        known.Following = FollowAsync(known, ReaderOf(pod), lines.Writer, stop);
                    }

                    known.Update(isGone ? pod with { HasEnded = true } : pod, isGone);
                }

                if (news.All is not null)
                {
                    foreach (var (_, known) in followed.Where(entry => pods.All(pod => pod.Uid != entry.Key)))
                    {
                        known.Update(null, isGone: true);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested
            && followed.Values.Select(known => known.Following).Append(requests)
                .FirstOrDefault(following => following.IsFaulted) is { } refused)
        {
            await refused;
        }
        finally
        {
            await stop.CancelAsync();
            lines.Writer.Complete();
            await Task.WhenAll(followed.Values.Select(known => known.Following).Append(requests).Append(showing))
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowRouterAsync(ChannelWriter<LogLine> lines, CancellationTokenSource stop)
    {
        if (router is null)
        {
            return;
        }

        try
        {
            await router.FollowAsync(line => lines.TryWrite(line), stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private LogReader ReaderOf(LogPod pod)
    {
        if (!_readers.TryGetValue(pod.Uid, out var reader))
        {
            _readers[pod.Uid] = reader = new LogReader(logs);
        }

        return reader;
    }

    /// <summary>
    /// Reads one pod as long as it exists: after each end of a stream it looks at the pod and reads on.
    /// </summary>
    private async Task FollowAsync(
        FollowedPod pod, LogReader reader, ChannelWriter<LogLine> lines, CancellationTokenSource stop)
    {
        try
        {
            await FollowAsync(pod, reader, lines, stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The API server refuses it, as it would refuse those of the other pods.
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task FollowAsync(
        FollowedPod pod, LogReader reader, ChannelWriter<LogLine> lines, CancellationToken cancellationToken)
    {
        while (await pod.NextAsync(Pause, clock, cancellationToken) is { } state)
        {
            try
            {
                await reader.FollowAsync(state, line => lines.TryWrite(line), cancellationToken);
                if (state.HasEnded)
                {
                    return;
                }
            }
            catch (Exception e) when (ClusterFollower.IsPassing(e))
            {
                // The connection is lost, or the kubelet does not answer: the next round reads on.
            }
        }
    }

    /// <summary>Collects the lines of a short time, and passes them on in the order of their times.</summary>
    private async Task ShowAsync(
        ChannelReader<LogLine> lines, Action<IEnumerable<LogLine>> show, CancellationToken cancellationToken)
    {
        var waiting = new List<LogLine>();
        while (await lines.WaitToReadAsync(CancellationToken.None))
        {
            await Task.Delay(Patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (lines.TryRead(out var line))
            {
                waiting.Add(line);
            }

            show(waiting.OrderBy(line => line.Time));
            waiting.Clear();
        }
    }

    /// <summary>The state of a followed pod.</summary>
    private sealed class FollowedPod
    {
        private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        private volatile LogPod? _state;
        private volatile bool _isGone;
        private bool _isFirst = true;

        public Task Following { get; set; } = Task.CompletedTask;

        /// <param name="state">The pod; null if only its absence is known.</param>
        public void Update(LogPod? state, bool isGone)
        {
            _state = state ?? _state;
            _isGone |= isGone;
            _news.Writer.TryWrite(true);
        }

        /// <summary>
        /// Returns the pod after the next change or a pause; null if it is gone and was read for the last time.
        /// </summary>
        public async Task<LogPod?> NextAsync(TimeSpan pause, TimeProvider clock, CancellationToken cancellationToken)
        {
            if (!_isFirst && _isGone)
            {
                return null;
            }

            _isFirst = false;
            using var patience = new CancellationTokenSource(pause, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                await _news.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The pod has not changed: the stream may have ended for another reason.
            }

            return _state;
        }
    }
}
