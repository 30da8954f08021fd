using System.Net;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dynospace.Router.Frontend;

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

    /// <summary>The port that clients see for plain HTTP, as X-Forwarded-Port states it.</summary>
    public int PublicHttpPort { get; init; } = 80;

    /// <summary>The port that clients see for HTTPS, as X-Forwarded-Port states it.</summary>
    public int PublicHttpsPort { get; init; } = 443;

    /// <summary>Whether its requests count in the metrics of the process.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>Keeps the lines of each app for its people; null where nobody reads them.</summary>
    public RecentLines? Recent { get; init; }

    /// <summary>Connections that the router takes at once.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>Requests in flight that the router serves at once (H22).</summary>
    public int MaxRequestsInFlight { get; init; } = 20_000;

    /// <summary>HTTP/2 streams of one connection.</summary>
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>For the head of a request, from its first byte.</summary>
    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the next request on a connection.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The least rate at which a client sends a body and takes a response, on average.</summary>
    public double MinBytesPerSecond { get; init; } = 100;

    /// <summary>
    /// When that rate begins to count: beyond the platform's idle time-out, which is the first to speak.
    /// </summary>
    public TimeSpan MinRateGrace { get; init; } = TimeSpan.FromSeconds(60);
}
