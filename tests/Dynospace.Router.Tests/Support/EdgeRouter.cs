using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Dynospace.Api.Spaces;
using Dynospace.Router.Frontend;
using Dynospace.Router.Routing;
using Dynospace.Router.Tests.Tls;
using Dynospace.Router.Tls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Support;

/// <summary>
/// A router on loopback with all that its connections pass first: PROXY protocol, trusted ranges and certificates by
/// host.
/// </summary>
internal sealed class EdgeRouter : IAsyncDisposable
{
    public const string Host = TestRouter.Host;

    private readonly RoutingTable _table = new();
    private readonly RouterEdge _edge;
    private readonly ScriptedDyno _dyno;
    private readonly RouterServer _server;

    private EdgeRouter(string[] proxies, ScriptedDyno dyno)
    {
        _dyno = dyno;
        _edge = new RouterEdge(_table, Certificates, AddressRanges.Parse(proxies), Clock, NullLoggerFactory.Instance);
        _server = new RouterServer(
            new RouterServerOptions
            {
                Http = new IPEndPoint(IPAddress.Loopback, 0),
                Https = new IPEndPoint(IPAddress.Loopback, 0),
                ConfigureHttp = _edge.ConfigureHttp,
                ConfigureHttps = _edge.ConfigureHttps,
            },
            _table, new TcpDynoConnector(), Log, Clock, NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(TestCertificate.Now);

    public CertificateTable Certificates { get; } = new(TestCertificate.For("default.example").Read());

    public LogSink Log { get; } = new();

    public ScriptedDyno Dyno => _dyno;

    public IPEndPoint Http => _server.Http!;

    public IPEndPoint Https => _server.Https!;

    public static Task<EdgeRouter> StartAsync(params string[] proxies) =>
        StartAsync(ScriptedDyno.Answering("web.1"), proxies);

    public static async Task<EdgeRouter> StartAsync(ScriptedDyno dyno, params string[] proxies)
    {
        var router = new EdgeRouter(proxies, dyno);
        router.Trust("0.0.0.0/0", "::/0");
        await router._server.StartAsync(CancellationToken.None).Soon();
        return router;
    }

    /// <summary>Admits these ranges and nobody else.</summary>
    public void Trust(params string[] ranges) =>
        _table.Publish(Snapshot() with { TrustedRanges = AddressRanges.Parse(ranges) });

    /// <summary>Admits these ranges, and judges those of the cluster who call.</summary>
    public void Trust(Callers callers, params string[] ranges) =>
        _table.Publish(Snapshot() with { TrustedRanges = AddressRanges.Parse(ranges), Callers = callers });

    public void Become(SpaceRuntime runtime) =>
        _table.Publish(_table.Current with { Settings = new RouterSettings { Runtime = runtime } });

    public Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(Http);

    /// <summary>A TLS connection, and the certificate that was served.</summary>
    public async Task<SslStream> ConnectTlsAsync(string? serverName, params SslApplicationProtocol[] protocols)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Https).Soon();
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = serverName ?? "",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            ApplicationProtocols = [.. protocols],
        }).Soon();
        return tls;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _edge.Dispose();
        await _dyno.DisposeAsync();
    }

    private RoutingSnapshot Snapshot()
    {
        var route = TestRouter.Route([_dyno.Endpoint]);
        return new RoutingSnapshot(
            RoutingSnapshot.HostsOf(
                [
                    new(Host, route),
                    new("other.example.com", route with { App = "other" }),
                ]), AddressRanges.Nobody, new RouterSettings());
    }
}
