using System.Text;
using Dynospace.Api;
using Dynospace.Api.Dynos;
using Dynospace.Api.Spaces;
using Dynospace.Cli;
using Dynospace.Cli.Terminal;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using k8s;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>Runs of Shield spaces that take input: real processes, terminals and connections.</summary>
[Collection(Packets.Name)]
public sealed class RecordedRunTests(NetworkPlatform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_typed_into_a_run_are_in_the_record_and_nowhere_else()
    {
        platform.Require();
        await using var space = await StartAsync();
        await space.CreateRunAsync(
            "shop",
            7,
            new Workload("", ["busybox", "sh", "-c", "read -s word; echo \"length ${#word}\"; exit 9"]),
            takesInput: true);
        var pod = await space.PodOfRunAsync("shop", 7, isRecorded: true);
        await space.UntilAsync(
            "the run is up",
            state => state.Find(Kinds.Dyno, space.In("shop.run.7")) is { } found && found.Has(ConditionTypes.Up)
                ? found : null);
        using var client = new Kubernetes(Kubeconfigs.Read(platform.Cluster.Kubeconfig));
        using var record = new StreamReader(await client.CoreV1.ReadNamespacedPodLogAsync(
            pod, space.Name, container: "recorder", follow: true, cancellationToken: Token));
        Assert.StartsWith("at=start line=1 tty=true command=\"", await record.ReadLineAsync(Token),
            StringComparison.Ordinal);

        using (var socket = await client.WebSocketNamespacedPodAttachAsync(
            pod, space.Name, "dyno", stderr: false, stdin: true, stdout: true, tty: true, cancellationToken: Token))
        using (var streams = new StreamDemuxer(socket))
        {
            streams.Start();
            using var output = new StreamReader(streams.GetStream(ChannelIndex.StdOut, null));
            await using var input = streams.GetStream(null, ChannelIndex.StdIn);
            await input.WriteAsync("s3cret\r"u8.ToArray(), Token);
            await input.FlushAsync(Token);
            Assert.Equal("at=input line=2 bytes=7 text=\"s3cret\\r\"", await record.ReadLineAsync(Token));
            string? shown;
            while ((shown = await output.ReadLineAsync(Token))?.Contains("length", StringComparison.Ordinal) == false)
            {
            }

            Assert.Equal("length 6", shown?.Trim());
        }

        var ended = await space.UntilAsync(
            "the run has ended",
            state => state.Find(Kinds.Dyno, space.In("shop.run.7")) is { } found
                && (string?)found.Content["status"]?["state"] == nameof(DynoState.Failed) ? found : null);
        Assert.Equal(9, (int?)ended.Content["status"]?["exitCode"]);
        Assert.Equal("at=end line=3 exit=9", await record.ReadLineAsync(Token));
        using var log = new StreamReader(await client.CoreV1.ReadNamespacedPodLogAsync(
            pod, space.Name, container: "dyno", cancellationToken: Token));
        var own = await log.ReadToEndAsync(Token);
        Assert.Contains("length 6", own, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", own, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_attached_says_that_it_is_recorded_and_its_record_is_among_the_logs()
    {
        platform.Require();
        await using var space = await StartAsync();
        await space.CreateRunAsync("shop", 8, platform.Workloads.Runs, takesInput: true);
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await RunAsync(
            output, error, "echo $((40 + 2)); exit 4\n", "run", "-a", "shop", "-s", space.Name, "--", "busybox", "sh");

        // What was typed can be read after the end; another run's record is among the logs as the platform's word.
        await space.UntilAsync(
            "the other run is up",
            state => state.Find(Kinds.Dyno, space.In("shop.run.8")) is { } found && found.Has(ConditionTypes.Up)
                ? found : null);
        var lines = new StringWriter();
        Assert.Equal(
            0, await RunAsync(lines, error, "", "logs", "-a", "shop", "-s", "recorder", "--space", space.Name));
        Assert.True(code == 4, $"{code}: {error}{lines}");
        Assert.Equal("42\n", output.ToString());
        Assert.Contains("what is typed is recorded: dynospace logs -a shop -d run.", error.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("dynospace[run.8]: at=start line=1 tty=true", lines.ToString(), StringComparison.Ordinal);
        Assert.Contains("; exit 4\\n\"", lines.ToString(), StringComparison.Ordinal);
        Assert.Contains(" exit=4", lines.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("app[", lines.ToString(), StringComparison.Ordinal);
    }

    private async Task<TestSpace> StartAsync()
    {
        var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Shield);
        await space.CreateAppAsync("shop", formation: ("worker", 1));
        await space.AppReadyAsync("shop");
        return space;
    }

    private async Task<int> RunAsync(StringWriter output, StringWriter error, string input, params string[] words)
    {
        var kubeconfig = Path.GetTempFileName();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(platform.Traits.Patience);
        try
        {
            await File.WriteAllTextAsync(kubeconfig, platform.Cluster.Kubeconfig, Token);
            var environment = new CliEnvironment(
                output, error, IsTerminal: false, "/", AppContext.BaseDirectory, TimeProvider.System)
            {
                IsInputTerminal = false,
                In = () => new MemoryStream(Encoding.UTF8.GetBytes(input)),
                Variable = _ => null,
            };
            return await DynospaceCommandLine.RunAsync(
                [words[0], "--kubeconfig", kubeconfig, .. words.Skip(1)], environment, patience.Token);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }
}
