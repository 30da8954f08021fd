using System.Collections.Concurrent;
using System.Net.Sockets;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Support;

/// <summary>Decides by the dyno's name whether connecting works, and remembers who was tried.</summary>
internal sealed class ScriptedConnector : IDynoConnector
{
    private readonly TcpDynoConnector _tcp = new();

    public ConcurrentQueue<string> Tried { get; } = new();

    /// <summary>Dynos that refuse.</summary>
    public HashSet<string> Refusing { get; init; } = [];

    /// <summary>Dynos that never answer.</summary>
    public HashSet<string> Silent { get; init; } = [];

    public async ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken)
    {
        Tried.Enqueue(dyno.Dyno);
        if (Refusing.Contains(dyno.Dyno))
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        if (Silent.Contains(dyno.Dyno))
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return await _tcp.ConnectAsync(dyno, cancellationToken);
    }
}
