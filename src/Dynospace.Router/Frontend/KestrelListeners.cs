using System.Text;
using Dynospace.Router.Proxying;
using Dynospace.Router.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dynospace.Router.Frontend;

/// <summary>Kestrel with the platform's limits, without ASP.NET's pipeline.</summary>
internal sealed class KestrelListeners(RouterServerOptions options, Http2Observer http2)
{
    private const string NoBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    /// <summary>
    /// Also applies to the request line and to each header: the request path has the tighter limits, and reports which
    /// one was exceeded.
    /// </summary>
    private const int AllHeaders = 512 * 1_024;

    private const int Headers = 1_000;
    private const int RequestBuffer = 1_024 * 1_024;
    private const int ResponseBuffer = 1_024 * 1_024;

    /// <summary>
    /// Connections that wait to be accepted: all clients of a router that ended connect to the next one at once, and
    /// one that finds no room retries only after a second. Linux allows no more unless <c>net.core.somaxconn</c> is
    /// raised.
    /// </summary>
    private const int Backlog = 4_096;

    public ListenOptions? Http { get; private set; }

    public ListenOptions? Https { get; private set; }

    public WebApplication Build(TimeProvider clock)
    {
        AppContext.SetSwitch(NoBareLineFeeds, true);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<ILoggerFactory>(http2);
        builder.Services.AddSingleton(clock);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        if (LoopTransport.IsSupported)
        {
            builder.Services.AddSingleton<IConnectionListenerFactory>(
                services => new LoopTransport(
                    services.GetRequiredService<IMemoryPoolFactory<byte>>(),
                    services.GetRequiredService<ILoggerFactory>(), Backlog));
        }
        else
        {
            builder.WebHost.UseSockets(Configure);
        }

        return builder.Build();
    }

    private static ConnectionDelegate Introduce(ConnectionDelegate next) => connection =>
    {
        connection.Features.Set(new ClientConnection());
        return next(connection);
    };

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        // Bytes pass as they are.
        kestrel.RequestHeaderEncodingSelector = static name =>
            name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                ? ContentLengthEncoding.Instance
                : Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        Limit(kestrel.Limits);
        Listen(kestrel);
    }

    /// <summary>
    /// Kestrel's own transport, used on systems other than Linux. The thread that receives a client's bytes also
    /// processes them: nothing on the request path blocks.
    /// </summary>
    private static void Configure(SocketTransportOptions transport)
    {
        transport.UnsafePreferInlineScheduling = true;
        transport.WaitForDataBeforeAllocatingBuffer = false;
        transport.Backlog = Backlog;
    }

    private void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = AllHeaders;
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
        limits.Http2.MaxRequestHeaderFieldSize = AllHeaders;
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        if (options.Http is { } http)
        {
            kestrel.Listen(http, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(Introduce);
                options.ConfigureHttp?.Invoke(listen);
                Http = listen;
            });
        }

        if (options.Https is { } https)
        {
            kestrel.Listen(https, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.Use(Introduce);
                options.ConfigureHttps?.Invoke(listen);
                listen.Use(next => connection => http2.OnConnectionAsync(connection, next));
                Https = listen;
            });
        }
    }
}
