using System.Net.Sockets;

namespace Dynospace.Router.Dynos;

/// <summary>
/// The dyno closed the connection before a byte of its response. No IOException on purpose: of such the client below would send the
/// request again by itself.
/// </summary>
internal sealed class DynoClosedException(bool wasReused, Exception? reason = null) : Exception("The dyno closed the connection.", reason)
{
    /// <summary>Whether an earlier request had used the connection: then the dyno may have closed it before it saw this one.</summary>
    public bool WasReused { get; } = wasReused;

    /// <summary>Whether the dyno's machine reset it: what was sent was not read.</summary>
    public bool WasReset { get; } = reason?.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };
}
