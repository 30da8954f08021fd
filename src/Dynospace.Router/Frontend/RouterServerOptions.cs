using System.Net;
using Dynospace.Router.Logging;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dynospace.Router.Frontend;

/// <summary>Where the request path listens, its limits, and its connection middleware.</summary>
public sealed record RouterServerOptions
{
    /// <summary>The endpoint of plain HTTP; null for none. Port 0 picks a free one.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>The endpoint of HTTPS; null for none. Port 0 picks a free one.</summary>
    public IPEndPoint? Https { get; init; }

    /// <summary>Connection middleware of the plain listener, such as PROXY protocol.</summary>
    public Action<ListenOptions>? ConfigureHttp { get; init; }

    /// <summary>Connection middleware of the HTTPS listener; must end in TLS.</summary>
    public Action<ListenOptions>? ConfigureHttps { get; init; }

    /// <summary>How long listening continues after readiness is withdrawn, so that load balancers notice.</summary>
    public TimeSpan DrainLead { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long requests in flight may take to end after that.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The port that clients use for plain HTTP, sent in X-Forwarded-Port.</summary>
    public int PublicHttpPort { get; init; } = 80;

    /// <summary>The port that clients use for HTTPS, sent in X-Forwarded-Port.</summary>
    public int PublicHttpsPort { get; init; } = 443;

    /// <summary>Whether requests count in the metrics of the process.</summary>
    public bool IsMeasured { get; init; } = true;

    /// <summary>Keeps the recent lines of each app for its users; null if nobody reads them.</summary>
    public RecentLines? Recent { get; init; }

    /// <summary>The most connections that the router accepts at once.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>The most requests in flight; further ones are refused (H22).</summary>
    public int MaxRequestsInFlight { get; init; } = 20_000;

    /// <summary>The most HTTP/2 streams on one connection.</summary>
    public int MaxStreamsPerConnection { get; init; } = 100;

    /// <summary>The time limit for the head of a request, from its first byte.</summary>
    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may wait for its next request.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// The lowest average rate at which a client may send a body or receive a response, in bytes a second.
    /// </summary>
    public double MinBytesPerSecond { get; init; } = 100;

    /// <summary>
    /// When that rate begins to count: later than the platform's idle time-out, which therefore takes effect first.
    /// </summary>
    public TimeSpan MinRateGrace { get; init; } = TimeSpan.FromSeconds(60);
}
