using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Frontend;

/// <summary>Kestrel with the platform's limits, and nothing of ASP.NET's pipeline above it.</summary>
internal sealed class KestrelListeners(RouterServerOptions options)
{
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";
    private const int RequestLine = 8_192;
    private const int AllHeaders = 512 * 1_024;
    private const int Headers = 1_000;
    private const int RequestBuffer = 1_024 * 1_024;
    private const int ResponseBuffer = 1_024 * 1_024;

    /// <summary>
    /// Connections that wait to be taken: all clients of a router that ended come to the next one at once, and one that finds no room tries
    /// again only after a second. Linux allows no more unless <c>net.core.somaxconn</c> is raised.
    /// </summary>
    private const int Backlog = 4_096;

    public ListenOptions? Http { get; private set; }

    public ListenOptions? Https { get; private set; }

    public WebApplication Build(TimeProvider clock, ILoggerFactory loggers)
    {
        AppContext.SetSwitch(NoBareLineFeeds, true);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(clock);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        builder.WebHost.UseSockets(Configure);
        return builder.Build();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        // Bytes pass as they are.
        kestrel.RequestHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => System.Text.Encoding.Latin1;
        Limit(kestrel.Limits);
        Listen(kestrel);
    }

    /// <summary>
    /// Whoever learns of a client's bytes goes on with them, as for dynos: nothing on a request's way blocks. An idle connection holds a
    /// buffer for it, rather than ask the system twice for each request.
    /// </summary>
    private static void Configure(SocketTransportOptions transport)
    {
        transport.UnsafePreferInlineScheduling = true;
        transport.WaitForDataBeforeAllocatingBuffer = false;
        transport.Backlog = Backlog;
    }

    private void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = RequestLine;
        limits.MaxRequestHeadersTotalSize = AllHeaders;
        limits.MaxRequestHeaderCount = Headers;
        limits.MaxRequestBufferSize = RequestBuffer;
        limits.MaxResponseBufferSize = ResponseBuffer;
        limits.MaxRequestBodySize = null;
        limits.RequestHeadersTimeout = options.RequestHeadersTimeout;
        limits.KeepAliveTimeout = options.KeepAliveTimeout;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
        limits.MinRequestBodyDataRate = new(options.MinBytesPerSecond, options.MinRateGrace);
        limits.MinResponseDataRate = new(options.MinBytesPerSecond, options.MinRateGrace);
        limits.Http2.MaxStreamsPerConnection = options.MaxStreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = RequestLine;
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        if (options.Http is { } http)
        {
            kestrel.Listen(http, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                options.ConfigureHttp?.Invoke(listen);
                Http = listen;
            });
        }

        if (options.Https is { } https)
        {
            kestrel.Listen(https, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                options.ConfigureHttps?.Invoke(listen);
                Https = listen;
            });
        }
    }
}
