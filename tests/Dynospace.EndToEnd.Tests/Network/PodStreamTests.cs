using System.Net.WebSockets;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.Runtime;
using k8s;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>What people do in pods that run, by the client library's WebSocket.</summary>
[Collection(Packets.Name)]
public sealed class PodStreamTests(NetworkPlatform platform)
{
    private const string Namespace = "default";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Output_input_and_exit_codes_of_a_command_arrive()
    {
        platform.Require();
        await using var pod = await StartAsync(["sleep", "3600"]);
        var code = await pod.Client.NamespacedPodExecAsync(
            pod.Name,
            Namespace,
            "c",
            ["busybox", "sh", "-c", "busybox head -c 4000000 | busybox wc -c; echo no >&2; exit 7"],
            false,
            async (input, output, errors) =>
            {
                // More than a window of any buffer between the two.
                await input.WriteAsync(new byte[4_000_000], Token);
                await input.FlushAsync(Token);
                using var error = new StreamReader(errors);
                Assert.Equal("no", (await error.ReadLineAsync(Token))?.Trim());
                using var text = new StreamReader(output);
                Assert.Equal("4000000", (await text.ReadLineAsync(Token))?.Trim());
            },
            Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(7, code);
    }

    [Fact]
    public async Task One_who_attaches_writes_to_the_process_and_its_end_is_the_inputs()
    {
        platform.Require();
        await using var pod = await StartAsync(
            ["sh", "-c", "while read line; do echo \"got $line\"; done; echo end"], stdin: true);
        using var socket = await pod.Client.WebSocketNamespacedPodAttachAsync(
            pod.Name, Namespace, "c", stderr: false, stdin: true, stdout: true, tty: false, cancellationToken: Token);
        using var streams = new StreamDemuxer(socket);
        streams.Start();
        using var output = new StreamReader(streams.GetStream(ChannelIndex.StdOut, null));
        await using (var input = streams.GetStream(null, ChannelIndex.StdIn))
        {
            await input.WriteAsync("one\n"u8.ToArray(), Token);
            Assert.Equal("got one", await output.ReadLineAsync(Token));
            await input.WriteAsync("two\n"u8.ToArray(), Token);
            Assert.Equal("got two", await output.ReadLineAsync(Token));
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Token);
        await platform.View.UntilAsync(
            "the process ends with its input",
            Namespace,
            state => state.Find(Kinds.Pod, new ObjectKey(Namespace, pod.Name)) is { } seen
                && (string?)seen.Content["status"]?["phase"] == "Succeeded" ? seen : null,
            Token);
    }

    [Fact]
    public async Task A_port_of_a_pod_is_reached_though_only_loopback_listens()
    {
        platform.Require();
        await using var pod = await StartAsync(["sh", "-c", "while true; do echo hello | busybox nc -l -p 7000; done"]);
        for (var i = 0; i < 3; i++)
        {
            using var socket = await pod.Client.WebSocketNamespacedPodPortForwardAsync(
                pod.Name, Namespace, [7000], "v4.channel.k8s.io", cancellationToken: Token);
            using var streams = new StreamDemuxer(socket, StreamType.PortForward);
            streams.Start();
            using var output = new StreamReader(streams.GetStream((byte?)0, (byte?)0));
            if (await output.ReadLineAsync(Token) is { Length: > 0 } line)
            {
                Assert.Equal("hello", line);
                return;
            }

            // It does not listen yet.
            await Task.Delay(TimeSpan.FromSeconds(1), Token);
        }

        Assert.Fail("the port was not reached");
    }

    private async Task<StartedPod> StartAsync(string[] command, bool stdin = false)
    {
        var pod = new StartedPod(platform, platform.UniqueName());
        await pod.StartAsync(["busybox", .. command], stdin);
        return pod;
    }

    private sealed class StartedPod(NetworkPlatform platform, string name) : IAsyncDisposable
    {
        public string Name => name;

        public Kubernetes Client { get; } = new(Kubeconfigs.Read(platform.Cluster.Kubeconfig));

        public async Task StartAsync(string[] command, bool stdin)
        {
            await Client.CoreV1.CreateNamespacedPodAsync(
                new V1Pod
                {
                    Metadata = new() { Name = name },
                    Spec = new()
                    {
                        AutomountServiceAccountToken = false,
                        RestartPolicy = "Never",
                        Containers =
                        [
                            new()
                            {
                                Name = "c",
                                Image = "docker.io/library/busybox:1.37",
                                Command = command,
                                Stdin = stdin,
                                StdinOnce = stdin,
                            },
                        ],
                    },
                },
                Namespace, cancellationToken: Token);
            await platform.View.UntilAsync(
                $"pod {name} runs",
                Namespace,
                state => state.Find(Kinds.Pod, new ObjectKey(Namespace, name)) is { } seen
                    && (string?)seen.Content["status"]?["phase"] == "Running" ? seen : null,
                Token);
        }

        public async ValueTask DisposeAsync()
        {
            await Client.CoreV1.DeleteNamespacedPodAsync(name, Namespace, cancellationToken: CancellationToken.None);
            Client.Dispose();
        }
    }
}
