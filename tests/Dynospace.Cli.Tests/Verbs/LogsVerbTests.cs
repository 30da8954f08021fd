using System.Text.Json.Nodes;
using Xunit;

namespace Dynospace.Cli.Tests.Verbs;

/// <summary>Logs of a whole app from the dev cluster, whose containers write one line for each run.</summary>
public sealed class LogsVerbTests(LivePlatform platform)
{
    [Fact]
    public async Task The_lines_of_all_dynos_come_with_time_and_dyno()
    {
        using var session = await platform.StartAsync();

        var lines = (await session.RunAsync("logs -a shop")).TrimEnd('\n').Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 app\[(web|worker)\.1\]: the node is simulated", line));
        Assert.Single((await session.RunAsync("logs -a shop -n 1")).TrimEnd('\n').Split('\n'));
        Assert.Equal("", await session.RunAsync("logs -a shop -n 0"));
        Assert.Contains("app[worker.1]:", await session.RunAsync("logs -a shop -p worker"), StringComparison.Ordinal);
        Assert.DoesNotContain("web", await session.RunAsync("logs -a shop -d worker.1"), StringComparison.Ordinal);
        Assert.Equal("", await session.RunAsync("logs -a shop -s release"));
        Assert.Equal(
            "web.1", (string)JsonNode.Parse(await session.RunAsync("logs -a shop -p web -o json"))!["dyno"]!);
    }

    [Fact]
    public async Task What_a_crashed_process_wrote_is_shown_once()
    {
        using var session = await platform.StartAsync();
        await session.ApplyAppAsync("broken", image: "simulate/exit:3");
        await session.DynoAsync("broken.worker.1", dyno => dyno.Status?.Restarts >= 1);

        var lines = (await session.RunAsync("logs -a broken -p worker")).TrimEnd('\n').Split('\n');

        Assert.All(lines, line => Assert.Contains("app[worker.1]:", line, StringComparison.Ordinal));
        Assert.Equal(lines.Distinct(), lines);
    }

    [Fact]
    public async Task Following_shows_the_pods_of_a_new_release()
    {
        using var session = await platform.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var output = new AwaitedWriter();
        var following = DynospaceCommandLine.RunAsync(
            ["logs", "-a", "shop", "-t", "-p", "web", "--kubeconfig", platform.Kubeconfig, "--space", session.Space],
            session.Environment.Cli with { Out = output },
            stop.Token);
        await output.UntilAsync(text => text.Contains("app[web.1]", StringComparison.Ordinal), stop.Token);

        await session.RunAsync("config set -a shop LOG_LEVEL=debug");
        var dyno = await session.DynoAsync("shop.web.1", found => found.Status?.Release == 2
            && found.Status.State == Api.Dynos.DynoState.Up);
        await output.UntilAsync(text => text.Contains(dyno.Status!.Pod!, StringComparison.Ordinal), stop.Token);

        await stop.CancelAsync();
        Assert.Equal(0, await following);
        Assert.Equal(2, output.Text.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Requests_stand_among_the_lines_as_the_router_writes_them()
    {
        using var session = await platform.StartAsync();
        await session.RequestAsync("/hello");

        var line = (await session.RunAsync("logs -a shop -s router")).TrimEnd('\n');

        Assert.Matches(
            @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 dynospace\[router\]: at=info method=GET path=""/hello"" "
            + $@"host=shop\.{session.Space}\S+ request_id=\S+ fwd=""127\.0\.0\.1"" dyno=web\.1 connect=\d+ms "
            + @"service=\d+ms status=200 bytes=\d+ ",
            line);
        Assert.Equal(3, (await session.RunAsync("logs -a shop")).TrimEnd('\n').Split('\n').Length);
        Assert.DoesNotContain("router", await session.RunAsync("logs -a shop -p web"), StringComparison.Ordinal);
        Assert.Equal(
            "router", (string)JsonNode.Parse(await session.RunAsync("logs -a shop -s router -o json"))!["dyno"]!);
    }

    [Fact]
    public async Task Following_shows_requests_as_they_come_and_each_once()
    {
        using var session = await platform.StartAsync();
        await session.RequestAsync("/before");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var output = new AwaitedWriter();
        var following = DynospaceCommandLine.RunAsync(
            [
                "logs", "-a", "shop", "-t", "-s", "router", "--kubeconfig", platform.Kubeconfig, "--space",
                session.Space,
            ],
            session.Environment.Cli with { Out = output },
            stop.Token);
        await output.UntilAsync(text => text.Contains("/before", StringComparison.Ordinal), stop.Token);

        await session.RequestAsync("/after");
        await output.UntilAsync(text => text.Contains("/after", StringComparison.Ordinal), stop.Token);

        await stop.CancelAsync();
        Assert.Equal(0, await following);
        Assert.Equal(2, output.Text.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Who_may_not_read_logs_of_a_space_does_not_read_its_requests_either()
    {
        using var session = await platform.StartAsync();
        using var other = await platform.StartAsync();
        await session.RequestAsync("/secret");

        using var member = await session.MemberAsync("member", "pods/log");
        using var viewer = await session.MemberAsync("viewer", "services");
        using var stranger = (await other.MemberAsync("stranger", "pods/log")).In(session.Space);

        Assert.Contains("/secret", await member.RunAsync("logs -a shop -s router"), StringComparison.Ordinal);
        foreach (var nobody in new[] { viewer, stranger })
        {
            var refusal = await nobody.FailAsync("logs -a shop -s router");
            Assert.Contains("may not", refusal, StringComparison.Ordinal);
            Assert.DoesNotContain("/secret", refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("logs -a shop -p clock", "no process type \"clock\"; there are: web, worker")]
    [InlineData("logs -a shop -d web.7", "no dyno \"web.7\"; there are: web.1, worker.1")]
    [InlineData("logs -a shop -s kernel", "'kernel' is not known: use app, release, router or recorder.")]
    [InlineData("logs -a shop -n many", "'many' is not a number of lines")]
    [InlineData("logs -a shop --since ever", "'ever' is not a duration")]
    public async Task What_there_is_not_is_said(string line, string message)
    {
        using var session = await platform.StartAsync();

        Assert.Contains(message, await session.FailAsync(line), StringComparison.Ordinal);
    }

    /// <summary>Output that a test waits for.</summary>
    private sealed class AwaitedWriter : StringWriter
    {
        private readonly Lock _lock = new();
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text
        {
            get
            {
                lock (_lock)
                {
                    return ToString();
                }
            }
        }

        public override void WriteLine(string? value)
        {
            lock (_lock)
            {
                base.Write(value + "\n");
                Interlocked.Exchange(
                    ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }

        public async Task UntilAsync(Func<string, bool> isSo, CancellationToken cancellationToken)
        {
            while (true)
            {
                var next = Volatile.Read(ref _changed).Task;
                if (isSo(Text))
                {
                    return;
                }

                await next.WaitAsync(cancellationToken);
            }
        }
    }
}
