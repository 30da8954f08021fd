using System.Net;
using System.Text;
using System.Threading.Channels;
using CsCheck;
using Dynospace.Api;
using Dynospace.Cli.Client;
using Dynospace.Cli.Logs;
using Dynospace.Runtime.Transport;
using k8s.Models;
using Xunit;

namespace Dynospace.Cli.Tests.Logs;

public sealed class LogTests
{
    [Theory]
    [InlineData("1970-01-01T00:00:01Z", 1_000_000_000)]
    [InlineData("1970-01-01T00:00:01.5Z", 1_500_000_000)]
    [InlineData("1970-01-01T00:00:01.000000007Z", 1_000_000_007)]
    [InlineData("1970-01-01T01:00:00.12+01:00", 120_000_000)]
    [InlineData("1970-01-01", null)]
    [InlineData("yesterday", null)]
    public void Times_are_read_to_the_nanosecond(string text, object? nanoseconds) => Assert.Equal(
        nanoseconds is null
            ? (long?)null
            : Convert.ToInt64(nanoseconds, System.Globalization.CultureInfo.InvariantCulture),
        LogTimes.Parse(text));

    /// <summary>Whatever breaks off where, and however many lines share a time or come out of order.</summary>
    [Fact]
    public void No_line_is_lost_or_shown_twice() => Gen.Select(
        Gen.Int[0, 2].Array[1, 40], Gen.Int[0, 40].Array[0, 6]).Sample((steps, breaks) =>
    {
        var time = 0L;
        var log = steps.Select((step, index) => (
            Time: time += step * 400_000_000, Text: index % 3 == 0 ? "same" : $"line {index}")).ToList();
        var position = new LogPosition();
        var shown = new List<(long, string)>();
        foreach (var end in breaks.Append(log.Count))
        {
            var since = position.Since is { } from ? (from - DateTimeOffset.UnixEpoch).Ticks * 100 : 0;
            position.Rewind();
            shown.AddRange(log.Take(end).Where(line => line.Time >= since)
                .Where(line => position.Advance(line.Time, line.Text)));
        }

        return shown.SequenceEqual(log);
    });

    [Fact]
    public async Task Logs_of_dynos_are_merged_by_time_and_cut_to_the_last_lines()
    {
        var logs = new FakeLogs
        {
            ["a"] = ["00:00:01 first", "00:00:04 fourth"],
            ["b"] = ["00:00:02 second", "00:00:03 third"],
        };
        var follower = new LogFollower(logs, new([], [], null), TimeProvider.System);

        var lines = await follower.ReadAsync(
            [Pod("a", "web.1"), Pod("b", "web.2")], [], 3, null, TestContext.Current.CancellationToken);

        Assert.Equal(
            ["web.2 second", "web.2 third", "web.1 fourth"], lines.Select(line => $"{line.Dyno} {line.Text}"));
    }

    [Fact]
    public async Task The_run_before_a_restart_is_part_of_the_log()
    {
        var logs = new FakeLogs { ["a"] = ["00:00:02 again"], ["a previous"] = ["00:00:01 crashing"] };
        var follower = new LogFollower(logs, new([], [], null), TimeProvider.System);

        var lines = await follower.ReadAsync(
            [Pod("a", "web.1") with { Restarts = 1 }], [], null, null, TestContext.Current.CancellationToken);

        Assert.Equal(["crashing", "again"], lines.Select(line => line.Text));
    }

    [Fact]
    public async Task Following_goes_through_lost_connections_restarts_and_new_pods()
    {
        var logs = new FakeLogs { ["a"] = ["00:00:01 one"] };
        var news = Channel.CreateUnbounded<ClusterNews<V1Pod>>();
        var shown = Channel.CreateUnbounded<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var follower = new LogFollower(logs, new([], [], null), TimeProvider.System);
        await follower.ReadAsync([Pod("a", "web.1")], [], null, null, stop.Token);
        var following = follower.FollowAsync(
            news.Reader.ReadAllAsync(stop.Token),
            "shop",
            lines => lines.ToList().ForEach(line => shown.Writer.TryWrite($"{line.Dyno} {line.Text}")),
            stop.Token);
        news.Writer.TryWrite(new([LivePod("a", "web.1", 0)], WatchEventType.Added, null));

        logs.Append("a", "00:00:01 two");
        Assert.Equal("web.1 two", await shown.Reader.ReadAsync(stop.Token));

        logs.Break("a", new IOException("reset"));
        logs.Append("a", "00:00:01 three");
        news.Writer.TryWrite(new(null, WatchEventType.Modified, LivePod("a", "web.1", 0)));
        Assert.Equal("web.1 three", await shown.Reader.ReadAsync(stop.Token));

        logs.Restart("a", "00:00:02 last words");
        logs.Append("a", "00:00:03 back");
        news.Writer.TryWrite(new(null, WatchEventType.Modified, LivePod("a", "web.1", 1)));
        Assert.Equal("web.1 last words", await shown.Reader.ReadAsync(stop.Token));
        Assert.Equal("web.1 back", await shown.Reader.ReadAsync(stop.Token));

        logs.Append("b", "00:00:04 a release");
        news.Writer.TryWrite(new(null, WatchEventType.Added, LivePod("b", "web.2", 0)));
        Assert.Equal("web.2 a release", await shown.Reader.ReadAsync(stop.Token));

        await stop.CancelAsync();
        await following.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.False(shown.Reader.TryRead(out _));
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Following_goes_on_when_the_API_server_is_overloaded(HttpStatusCode code)
    {
        var logs = new FakeLogs { ["a"] = ["00:00:01 one"] };
        var news = Channel.CreateUnbounded<ClusterNews<V1Pod>>();
        var shown = Channel.CreateUnbounded<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        news.Writer.TryWrite(new([LivePod("a", "web.1", 0)], WatchEventType.Added, null));
        var following = new LogFollower(logs, new([], [], null), TimeProvider.System).FollowAsync(
            news.Reader.ReadAllAsync(stop.Token),
            "shop",
            lines => lines.ToList().ForEach(line => shown.Writer.TryWrite(line.Text)),
            stop.Token);
        Assert.Equal("one", await shown.Reader.ReadAsync(stop.Token));

        logs.Break("a", new ApiException(new(code, code.ToString(), "no")));
        logs.Append("a", "00:00:02 two");
        news.Writer.TryWrite(new(null, WatchEventType.Modified, LivePod("a", "web.1", 0)));
        var next = shown.Reader.ReadAsync(stop.Token).AsTask();
        await await Task.WhenAny(next, following);
        Assert.Equal("two", await next);

        await stop.CancelAsync();
        await following.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_log_that_is_refused_ends_following_with_the_refusal()
    {
        var logs = new FakeLogs { ["a"] = ["00:00:01 one"] };
        var news = Channel.CreateUnbounded<ClusterNews<V1Pod>>();
        var follower = new LogFollower(logs, new([], [], null), TimeProvider.System);
        news.Writer.TryWrite(new([LivePod("a", "web.1", 0)], WatchEventType.Added, null));
        var shown = Channel.CreateUnbounded<string>();
        var following = follower.FollowAsync(
            news.Reader.ReadAllAsync(TestContext.Current.CancellationToken),
            "shop",
            lines => lines.ToList().ForEach(line => shown.Writer.TryWrite(line.Text)),
            TestContext.Current.CancellationToken);
        Assert.Equal("one", await shown.Reader.ReadAsync(TestContext.Current.CancellationToken));

        logs.Break("a", new ApiException(new(HttpStatusCode.Forbidden, "Forbidden", "pods/log is forbidden")));

        var refusal = await Assert.ThrowsAsync<ApiException>(() => following);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Code);
    }

    /// <summary>Although the API server begins at a whole second, and the lines that were left out share it.</summary>
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(2, null)]
    [InlineData(null, 1.25)]
    [InlineData(null, 2.0)]
    public async Task Following_goes_on_behind_the_lines_that_were_left_out(int? tail, double? since)
    {
        var logs = new FakeLogs { ["a"] = ["00:00:01.1 one", "00:00:01.2 two", "00:00:01.3 three"] };
        var news = Channel.CreateUnbounded<ClusterNews<V1Pod>>();
        var shown = Channel.CreateUnbounded<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var follower = new LogFollower(logs, new([], [], null), TimeProvider.System);
        await follower.ReadAsync(
            [Pod("a", "web.1")],
            [],
            tail,
            since is { } seconds ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null,
            stop.Token);

        logs.Append("a", "00:00:02.5 four");
        news.Writer.TryWrite(new([LivePod("a", "web.1", 0)], WatchEventType.Added, null));
        var following = follower.FollowAsync(
            news.Reader.ReadAllAsync(stop.Token),
            "shop",
            lines => lines.ToList().ForEach(line => shown.Writer.TryWrite(line.Text)),
            stop.Token);

        Assert.Equal("four", await shown.Reader.ReadAsync(stop.Token));
        await stop.CancelAsync();
        await following.ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData(false, false, "1970-01-01T00:00:01.500000+00:00 app[web.1]: hello\n")]
    [InlineData(false, true, "\e[36m1970-01-01T00:00:01.500000+00:00 app[web.1]:\e[0m hello\n")]
    [InlineData(
        true,
        true,
        """{"time":"1970-01-01T00:00:01.500000Z","source":"app","dyno":"web.1","pod":"a","message":"hello"}""" + "\n")]
    public void Lines_say_when_and_who(bool isJson, bool isColoured, string expected)
    {
        using var text = new StringWriter { NewLine = "\n" };

        new LogWriter(text, isJson, isColoured).Write(new(1_500_000_000, "web.1", LogSources.App, "a", "hello"));

        Assert.Equal(expected, text.ToString());
    }

    [Theory]
    [InlineData(new[] { "web" }, new string[0], null, new[] { "web.1", "web.2" })]
    [InlineData(new string[0], new[] { "web.2" }, null, new[] { "web.2" })]
    [InlineData(new string[0], new string[0], "release", new[] { "release.7" })]
    [InlineData(new string[0], new string[0], "app", new[] { "web.1", "web.2", "worker.1" })]
    public void Lines_are_chosen(string[] types, string[] dynos, string? source, string[] expected) => Assert.Equal(
        expected,
        new[] { "web.1", "web.2", "worker.1", "release.7" }
            .Where(dyno => new LogFilter(types, dynos, source).Takes(LogPod.FromPod(LivePod("p", dyno, 0), "shop")!)));

    private static LogPod Pod(string name, string dyno) => LogPod.FromPod(LivePod(name, dyno, 0), "shop")!;

    private static V1Pod LivePod(string name, string dyno, int restarts) => new()
    {
        Metadata = new()
        {
            Name = name,
            Uid = name,
            Labels = new Dictionary<string, string>
            {
                [Labels.App] = "shop",
                [Labels.Dyno] = $"shop.{dyno}",
                [Labels.ProcessType] = dyno.Split('.')[0],
            },
        },
        Status = new()
        {
            Phase = "Running",
            ContainerStatuses =
            [
                new()
                {
                    Name = "dyno",
                    RestartCount = restarts,
                    State = new() { Running = new() },
                    Image = "",
                    ImageID = "",
                },
            ],
        },
    };

    /// <summary>Logs whose lines the test writes, given from a whole second on, as the API server does.</summary>
    private sealed class FakeLogs : Dictionary<string, List<string>>, IPodLogs
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, TaskCompletionSource<Exception?>> _ends = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Stream> OpenAsync(LogPod pod, LogQuery query, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                var name = query.Previous ? $"{pod.Name} previous" : pod.Name;
                if (!TryGetValue(name, out var lines))
                {
                    throw new ApiException(new(HttpStatusCode.BadRequest, "BadRequest", "no such log"));
                }

                _ends[name] = new(TaskCreationOptions.RunContinuationsAsynchronously);
                return Task.FromResult<Stream>(new FakeStream(this, lines, query, _ends[name].Task));
            }
        }

        public void Append(string name, string line) => Change(() =>
        {
            if (!TryGetValue(name, out var lines))
            {
                this[name] = lines = [];
            }

            lines.Add(line);
        });

        public void Break(string name, Exception exception) => Change(() => _ends[name].TrySetResult(exception));

        public void Restart(string name, string lastWords) => Change(() =>
        {
            this[name].Add(lastWords);
            this[$"{name} previous"] = this[name];
            this[name] = [];
            _ends[name].TrySetResult(null);
        });

        private void Change(Action change)
        {
            lock (_lock)
            {
                change();
                Interlocked.Exchange(
                    ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }

        private sealed class FakeStream(
            FakeLogs logs, List<string> lines, LogQuery query, Task<Exception?> end) : Stream
        {
            private int _next = query.Tail is { } tail ? Math.Max(0, lines.Count - tail) : 0;

            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => false;

            public override long Length => throw new NotSupportedException();

            public override long Position
            {
                get => throw new NotSupportedException();
                set => throw new NotSupportedException();
            }

            public override async ValueTask<int> ReadAsync(
                Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                while (true)
                {
                    Task changed;
                    lock (logs._lock)
                    {
                        // Cut off: what came since is read by whoever opens it again.
                        if (query.Follow && end.IsCompleted)
                        {
                            return end.GetAwaiter().GetResult() is { } exception ? throw exception : 0;
                        }

                        if (_next < lines.Count)
                        {
                            var parts = lines[_next++].Split(' ', 2);
                            var time = DateTimeOffset.Parse(
                                $"1970-01-01T{parts[0]}Z", System.Globalization.CultureInfo.InvariantCulture);
                            if (query.Since?.ToUnixTimeSeconds() > time.ToUnixTimeSeconds())
                            {
                                continue;
                            }

                            return Encoding.UTF8.GetBytes($"1970-01-01T{parts[0]}Z {parts[1]}\n", buffer.Span);
                        }

                        if (!query.Follow)
                        {
                            return 0;
                        }

                        changed = logs._changed.Task;
                    }

                    await changed.WaitAsync(cancellationToken);
                }
            }

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override void Flush()
            {
            }

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        }
    }
}
