namespace Dynospace.Router.Routing;

/// <summary>Opens connections to dynos.</summary>
public interface IDynoConnector
{
    /// <summary>A connected stream. A dyno that refuses is a <see cref="System.Net.Sockets.SocketException"/>.</summary>
    ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken);
}
