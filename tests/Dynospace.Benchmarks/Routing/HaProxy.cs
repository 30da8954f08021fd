namespace Dynospace.Benchmarks.Routing;

/// <summary>
/// HAProxy with connections kept to the origin and forwarding headers; it logs to syslog only, so not here.
/// </summary>
internal sealed class HaProxy : IProxy
{
    private readonly Tool _haproxy;

    private HaProxy(Tool haproxy, int port, int tlsPort) => (_haproxy, Port, TlsPort) = (haproxy, port, tlsPort);

    public string Name => "HAProxy";

    public int Port { get; }

    public int TlsPort { get; }

    public TimeSpan ProcessorTime => _haproxy.ProcessorTime;

    public long ResidentBytes => _haproxy.ResidentBytes;

    public static async Task<HaProxy> StartAsync(
        Workplace place, int origin, int echo, CancellationToken cancellationToken)
    {
        var (port, tlsPort) = (FreePort.Take(), FreePort.Take());
        var file = place.Write("haproxy.cfg", $$"""
            global
              maxconn 8192
              nbthread {{Environment.ProcessorCount}}
            defaults
              mode http
              timeout connect 5s
              timeout client 60s
              timeout server 60s
              timeout http-keep-alive 90s
            frontend clients
              bind 127.0.0.1:{{port}} backlog 4096
              bind 127.0.0.1:{{tlsPort}} backlog 4096 ssl crt {{place.Root}}/{{ProxyCertificate.Both}} alpn h2,http/1.1
              option forwardfor
              http-request set-header X-Forwarded-Proto http
              unique-id-format %[uuid]
              unique-id-header X-Request-Id
              use_backend echo if { path {{EchoOrigin.Path}} }
              default_backend dynos
            backend echo
              timeout tunnel 60s
              server web-1 127.0.0.1:{{echo}}
            backend dynos
              http-reuse always
              server web-1 127.0.0.1:{{origin}} pool-max-conn 1024

            """);
        var haproxy = Tool.Start("haproxy", "-db", "-f", file);
        await FreePort.UntilOpenAsync(port, cancellationToken);
        return new HaProxy(haproxy, port, tlsPort);
    }

    public ValueTask DisposeAsync() => _haproxy.DisposeAsync();
}
