using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dynospace.Router.Serving;

/// <summary>Where the request path listens and what its connections pass first.</summary>
public sealed record RouterServerOptions
{
    /// <summary>Plain HTTP; none when null. Port 0 takes a free one.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>HTTPS; none when null. Port 0 takes a free one.</summary>
    public IPEndPoint? Https { get; init; }

    /// <summary>Connection middleware of the plain listener, such as PROXY protocol.</summary>
    public Action<ListenOptions>? ConfigureHttp { get; init; }

    /// <summary>Connection middleware of the HTTPS listener; must end in TLS.</summary>
    public Action<ListenOptions>? ConfigureHttps { get; init; }

    /// <summary>How long listening goes on after readiness went false, so that load balancers see it.</summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long requests in flight may take to end after that.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
