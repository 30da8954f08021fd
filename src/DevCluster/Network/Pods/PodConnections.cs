using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DevCluster.ApiServer.Pods;
using DevCluster.ApiServer.Storage;

namespace DevCluster.Network.Pods;

/// <summary>Logs, exec, attach and port-forward for running pods.</summary>
internal sealed class PodConnections(PodRuntime runtime, TimeProvider clock) : IPodConnections
{
    private const int CopyBytes = 32 * 1024;

    /// <inheritdoc/>
    public async Task WriteLogAsync(
        StoredObject pod, PodLogOptions options, Stream output, CancellationToken cancellationToken)
    {
        var log = Find(pod, options.Container, options.Previous, "get logs of").Log;
        var (lines, more) = log.From(0);
        if (options.SinceSeconds is { } seconds)
        {
            var since = clock.GetUtcNow() - TimeSpan.FromSeconds(seconds);
            lines = [.. lines.Where(line => line.Time >= since)];
        }

        if (options.TailLines is { } tail)
        {
            lines = [.. lines.TakeLast((int)Math.Min(tail, int.MaxValue))];
        }

        var next = 0L;
        try
        {
            while (true)
            {
                foreach (var line in lines)
                {
                    await output.WriteAsync(line.ToBytes(options.Timestamps), cancellationToken);
                    next = line.Number + 1;
                }

                await output.FlushAsync(cancellationToken);
                if (!options.Follow || more is null)
                {
                    return;
                }

                await more.WaitAsync(cancellationToken);
                (lines, more) = log.From(next);
            }
        }
        catch (OperationCanceledException)
        {
            // The client disconnected.
        }
    }

    /// <inheritdoc/>
    public async Task<int> ExecAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken)
    {
        var container = Running(pod, options.Container);
        var words = container.Enter(options.IsTerminal ? Terminals.Wrap(options.Command) : options.Command);
        using var process = Launch(container, words);
        try
        {
            _ = FeedAsync(process, streams.Input, cancellationToken);
            _ = FollowSizesAsync(process.Id, streams.Sizes, cancellationToken);
            await Task.WhenAll(
                process.StandardOutput.BaseStream.CopyToAsync(streams.Output, CopyBytes, cancellationToken),
                process.StandardError.BaseStream.CopyToAsync(streams.Error, CopyBytes, cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <inheritdoc/>
    public async Task AttachAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken)
    {
        var container = Running(pod, options.Container);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Subscribe before any input is forwarded, or the response to it could be missed.
        var output = container.Output.FollowAsync(cancellationToken);
        if (options.HasInput && container.TakesInput)
        {
            // Input sent before the client disconnected is still delivered: the disconnect ends the stream and thus
            // this task.
            _ = container.FeedAsync(streams.Input, CancellationToken.None);
        }

        _ = FollowSizesAsync(container.Id, streams.Sizes, left.Token);
        try
        {
            await foreach (var (isError, bytes) in output)
            {
                await (isError ? streams.Error : streams.Output).WriteAsync(bytes, cancellationToken);
            }
        }
        finally
        {
            await left.CancelAsync();
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> ConnectAsync(StoredObject pod, int port, CancellationToken cancellationToken)
    {
        if (await runtime.NetworkOfAsync(pod.Uid) is not var (network, _))
        {
            throw new PodConnectionException($"pod {pod.Name} does not run");
        }

        var socket = network.Run(
            () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return new PortStream(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"port {port} of pod {pod.Namespace}/{pod.Name}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Process Launch(ContainerProcess container, IReadOnlyList<string> words)
    {
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in container.Environment(runtime.ProgramOf(container)))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new PodConnectionException("the command cannot be started");
    }

    /// <summary>Applies the client's terminal size to the terminal in the container.</summary>
    private static async Task FollowSizesAsync(
        int process, IAsyncEnumerable<(int Width, int Height)>? sizes, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var (width, height) in sizes ?? AsyncEnumerable.Empty<(int, int)>())
            {
                await Terminals.ResizeAsync(process, width, height, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // The client disconnected.
        }
    }

    private static async Task FeedAsync(Process process, Stream input, CancellationToken cancellationToken)
    {
        await ProcessInput.FeedAsync(process, input, cancellationToken);
        ProcessInput.Close(process);
    }

    private ContainerProcess Running(StoredObject pod, string? container) =>
        Find(pod, container, isPrevious: false, "execute in") is { IsRunning: true } running
            ? running
            : throw new PodConnectionException($"container {container} of pod {pod.Name} does not run");

    private ContainerProcess Find(StoredObject pod, string? container, bool isPrevious, string verb) =>
        runtime.Find(pod.Uid, container, isPrevious)
        ?? throw new PodConnectionException(
            $"cannot {verb} container \"{container}\" in pod \"{pod.Name}\": "
            + (isPrevious ? "previous terminated container not found" : "it has not started"));
}

/// <summary>A connection to a port inside a pod.</summary>
internal sealed class PortStream(Socket socket) : NetworkStream(socket, ownsSocket: true), IHalfClosable
{
    public void EndOutput()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer closed the connection.
        }
    }
}
