using System.Net.WebSockets;
using System.Text.Json;
using Dynospace.Cli.Client;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Pods;
using k8s;
using k8s.Autorest;

namespace Dynospace.Cli.Runs;

/// <summary>A process cannot be attached to. Its log still has its output.</summary>
internal sealed class AttachmentException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Whether the process had ended by itself before it was attached to.</summary>
    public bool IsTooLate { get; init; }
}

/// <summary>Connects to the process of a pod; tests replace it.</summary>
public interface IPodAttachments
{
    /// <summary>Lends this terminal to the process until it ends, and always restores it.</summary>
    /// <exception cref="AttachmentException">The process cannot be attached to.</exception>
    Task LendTerminalAsync(string pod, CancellationToken cancellationToken);

    /// <summary>Sends input to the process, then closes its input.</summary>
    /// <exception cref="AttachmentException">The process cannot be attached to.</exception>
    Task SendAsync(string pod, Stream input, CancellationToken cancellationToken);
}

/// <summary>Attaches over the WebSocket of <c>pods/attach</c>.</summary>
public sealed class PodAttachments(Session session, CliEnvironment environment) : IPodAttachments
{
    /// <summary>How often the size of the terminal is read: .NET reports no change of it.</summary>
    private static readonly TimeSpan SizePeriod = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait until the server has closed its side of the connection.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(10);

    public async Task LendTerminalAsync(string pod, CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(pod, hasOutput: true, cancellationToken);
        using var streams = new StreamDemuxer(socket);
        streams.Start();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var raw = RawTerminal.Enter(environment);
        var sizing = SizeAsync(streams.GetStream(null, ChannelIndex.Resize), ended.Token);
        var sending = CopyInputAsync(streams.GetStream(null, ChannelIndex.StdIn), ended.Token);
        try
        {
            await using var output = streams.GetStream(ChannelIndex.StdOut, null);
            await using var screen = Console.OpenStandardOutput();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await output.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await screen.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await screen.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            throw new CliException("the connection to the run was lost: it is ended.", e);
        }
        finally
        {
            // Only a key ends the read of the terminal, so it is not awaited.
            await ended.CancelAsync();
            await sizing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ = sending;
        }
    }

    public async Task SendAsync(string pod, Stream input, CancellationToken cancellationToken)
    {
        using var socket = await OpenAsync(pod, hasOutput: false, cancellationToken);
        using var streams = new StreamDemuxer(socket);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        streams.ConnectionClosed += (_, _) => closed.TrySetResult();
        streams.Start();
        try
        {
            await using var target = streams.GetStream(null, ChannelIndex.StdIn);
            await input.CopyToAsync(target, cancellationToken);
            await target.FlushAsync(cancellationToken);

            // The end of this connection closes the input, since the container takes it from one client only.
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);

            // A connection that is dropped with something unread is reset: what the server has not read yet is lost.
            await closed.Task.WaitAsync(ClosePatience, environment.Clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // By now the server has read everything that it is going to read.
        }
        catch (Exception e) when (e is WebSocketException or IOException)
        {
            throw new AttachmentException("the connection for the input was lost.", e);
        }
    }

    private async Task<WebSocket> OpenAsync(string pod, bool hasOutput, CancellationToken cancellationToken)
    {
        try
        {
            return await session.Client.WebSocketNamespacedPodAttachAsync(
                pod, session.Space, ContainerNames.Dyno, stderr: false, stdin: true, stdout: hasOutput, tty: hasOutput,
                cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is HttpOperationException or WebSocketException or HttpRequestException)
        {
            throw new AttachmentException(
                $"could not attach to pod {pod}, which may have ended already: "
                + $"{e.Message.ReplaceLineEndings(" ").TrimEnd('.')}.",
                e)
            {
                IsTooLate = await HasEndedAsync(pod, cancellationToken),
            };
        }
    }

    /// <summary>A kubelet answers an attachment to a process that has ended with 500, as it does any fault.</summary>
    private async Task<bool> HasEndedAsync(string pod, CancellationToken cancellationToken)
    {
        try
        {
            var found = await session.Client.CoreV1.ReadNamespacedPodAsync(
                pod, session.Space, cancellationToken: cancellationToken);
            return found.Status?.ContainerStatuses?
                .Any(status => status is { Name: ContainerNames.Dyno, State.Terminated: not null }) == true;
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            return false;
        }
    }

    private async Task CopyInputAsync(Stream target, CancellationToken cancellationToken)
    {
        await using var input = environment.In();
        var buffer = new byte[1024];
        int read;
        while (!cancellationToken.IsCancellationRequested
            && (read = await input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await target.FlushAsync(cancellationToken);
        }
    }

    /// <summary>The first size also makes a program redraw what it drew before the terminal was attached.</summary>
    private async Task SizeAsync(Stream target, CancellationToken cancellationToken)
    {
        (int, int) last = default;
        using var timer = new PeriodicTimer(SizePeriod, environment.Clock);
        do
        {
            var size = (Console.WindowWidth, Console.WindowHeight);
            if (size != last && size is { WindowWidth: > 0, WindowHeight: > 0 })
            {
                last = size;
                await target.WriteAsync(
                    JsonSerializer.SerializeToUtf8Bytes(new { Width = size.WindowWidth, Height = size.WindowHeight }),
                    cancellationToken);
                await target.FlushAsync(cancellationToken);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
