using Microsoft.AspNetCore.Http;

namespace Dynospace.Router.Proxying;

/// <summary>What the request path wants to know of the connection that a request came on; a feature of that.</summary>
internal sealed class ClientConnection
{
    private volatile RouterError? _end;

    /// <summary>Why the router ends the connection, when it does so before its requests are over.</summary>
    public RouterError? End
    {
        get => _end;
        set => _end = value;
    }

    /// <summary>Why a request lost its connection: the router's reason, or the client has left.</summary>
    public static RouterError EndOf(HttpContext context) =>
        context.Features.Get<ClientConnection>()?.End ?? RouterErrors.ClientInterrupted;
}
