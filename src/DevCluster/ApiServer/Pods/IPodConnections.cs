// Pods: logs, commands and ports of pods, which a node provides.

using DevCluster.ApiServer.Storage;

namespace DevCluster.ApiServer.Pods;

/// <summary>
/// What a kubelet does for <c>logs</c>, <c>exec</c>, <c>attach</c> and <c>port-forward</c>, where pods really run.
/// </summary>
public interface IPodConnections
{
    /// <summary>Writes a container's log, and what it writes from then on if asked to.</summary>
    /// <exception cref="PodConnectionException">There is no such container.</exception>
    Task WriteLogAsync(StoredObject pod, PodLogOptions options, Stream output, CancellationToken cancellationToken);

    /// <summary>Runs a command in a container.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="PodConnectionException">It cannot be run.</exception>
    Task<int> ExecAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken);

    /// <summary>Follows what a container writes.</summary>
    /// <exception cref="PodConnectionException">There is no such container.</exception>
    Task AttachAsync(
        StoredObject pod, PodExecOptions options, PodStreams streams, CancellationToken cancellationToken);

    /// <summary>Opens a connection to a port inside a pod.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    /// <exception cref="PodConnectionException">The pod does not run.</exception>
    Task<Stream> ConnectAsync(StoredObject pod, int port, CancellationToken cancellationToken);
}

/// <summary>Connects to Services whose programs run outside the cluster, since its pods are simulated.</summary>
public interface IServiceConnections
{
    /// <summary>
    /// A connection to a port of a Service, which is a number or a name; null where nothing serves it.
    /// </summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    Task<Stream?> ConnectAsync(string ns, string service, string port, CancellationToken cancellationToken);
}

/// <summary>A connection whose two directions end separately.</summary>
public interface IHalfClosable
{
    /// <summary>Says that nothing more is sent.</summary>
    void EndOutput();
}

/// <summary>What of a log is wanted.</summary>
public sealed record PodLogOptions(
    string? Container, bool Follow, bool Previous, bool Timestamps, long? TailLines, long? SinceSeconds);

/// <summary>How a command is run.</summary>
public sealed record PodExecOptions(
    string? Container, IReadOnlyList<string> Command, bool HasInput, bool HasOutput, bool HasError, bool IsTerminal);

/// <summary>The streams of a command; those that were not asked for are empty or lead nowhere.</summary>
public sealed record PodStreams(Stream Input, Stream Output, Stream Error)
{
    /// <summary>Gives the sizes of the terminal as they change; null without a terminal.</summary>
    public IAsyncEnumerable<(int Width, int Height)>? Sizes { get; init; }
}

/// <summary>A pod cannot be connected to, for a reason that is the caller's to know.</summary>
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
