// Pods: logs, commands and ports of pods, provided by a node.

using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Pods;

/// <summary>
/// The kubelet's part of <c>logs</c>, <c>exec</c>, <c>attach</c> and <c>port-forward</c>, for pods that really run.
/// </summary>
public interface IPodConnections
{
    /// <summary>Writes a container's log, and follows it if requested.</summary>
    /// <exception cref="PodConnectionException">The container does not exist.</exception>
    Task WriteLogAsync(StoredObject pod, PodLogOptions options, Stream output, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="PodConnectionException">The command cannot be run.</exception>
    Task<int> ExecAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken);

    /// <summary>Attaches to the streams of a running container.</summary>
    /// <exception cref="PodConnectionException">The container does not exist.</exception>
    Task AttachAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken);

    /// <summary>Opens a connection to a port inside a pod.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    /// <exception cref="PodConnectionException">The pod does not run.</exception>
    Task<Stream> ConnectAsync(StoredObject pod, int port, CancellationToken cancellationToken);
}

/// <summary>Connects to Services whose programs run outside the cluster, because its pods are simulated.</summary>
public interface IServiceConnections
{
    /// <summary>Connects to a Service port, given by number or name; null if no program serves it.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    Task<Stream?> ConnectAsync(string ns, string service, string port, CancellationToken cancellationToken);
}

/// <summary>A connection whose two directions end separately.</summary>
public interface IHalfClosable
{
    /// <summary>Ends the sending direction.</summary>
    void EndOutput();
}

/// <summary>Options of a log request.</summary>
public sealed record PodLogOptions(
    string? Container, bool Follow, bool Previous, bool Timestamps, long? TailLines, long? SinceSeconds);

/// <summary>Options of exec and attach.</summary>
public sealed record PodExecOptions(
    string? Container, IReadOnlyList<string> Command, bool HasInput, bool HasOutput, bool HasError, bool IsTerminal);

/// <summary>The streams of a command; streams that are not requested are empty or discard their data.</summary>
public sealed record PodStreams(Stream Input, Stream Output, Stream Error)
{
    /// <summary>The terminal size at each change; null without a terminal.</summary>
    public IAsyncEnumerable<(int Width, int Height)>? Sizes { get; init; }
}

/// <summary>A pod cannot be connected to; the client receives the message.</summary>
public sealed class PodConnectionException : Exception
{
    public PodConnectionException(string message)
        : base(message)
    {
    }

    public PodConnectionException()
    {
    }

    public PodConnectionException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
