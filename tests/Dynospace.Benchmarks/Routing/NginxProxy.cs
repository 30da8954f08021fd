namespace Dynospace.Benchmarks.Routing;

/// <summary>
/// nginx with what the router does too, as far as it can: connections kept to the origin, forwarding headers and a
/// log.
/// </summary>
internal sealed class NginxProxy : IProxy
{
    private readonly Tool _nginx;

    private NginxProxy(Tool nginx, int port, int tlsPort) => (_nginx, Port, TlsPort) = (nginx, port, tlsPort);

    public string Name => "nginx";

    public int Port { get; }

    public int TlsPort { get; }

    public TimeSpan ProcessorTime => _nginx.ProcessorTime;

    public long ResidentBytes => _nginx.ResidentBytes;

    public static async Task<NginxProxy> StartAsync(
        Workplace place, int origin, int echo, CancellationToken cancellationToken)
    {
        var (port, tlsPort) = (FreePort.Take(), FreePort.Take());
        var file = place.Write("nginx.conf", $$"""
            daemon off; user root; worker_processes auto; pid {{place.Root}}/nginx.pid;
            error_log {{place.Root}}/nginx.log;
            events { worker_connections 8192; }
            http {
              access_log {{place.Root}}/nginx-access.log combined buffer=64k; keepalive_requests 1000000000;
              keepalive_timeout 90;
              client_body_temp_path {{place.Root}}/body; proxy_temp_path {{place.Root}}/proxy;
              upstream dynos { server 127.0.0.1:{{origin}}; keepalive 1024; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:{{port}} backlog=4096; listen 127.0.0.1:{{tlsPort}} ssl http2 backlog=4096;
                ssl_certificate {{place.Root}}/{{ProxyCertificate.Chain}};
                ssl_certificate_key {{place.Root}}/{{ProxyCertificate.Key}};
                ssl_protocols TLSv1.2 TLSv1.3;
                location {{EchoOrigin.Path}} {
                  proxy_pass http://127.0.0.1:{{echo}}; proxy_http_version 1.1;
                  proxy_set_header Connection "Upgrade"; proxy_set_header Upgrade $http_upgrade; proxy_set_header Host $host;
                }
                location / {
                  proxy_pass http://dynos; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
                  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Request-Id $request_id;
                }
              }
            }
            """);
        var nginx = Tool.Start("nginx", "-p", place.Root, "-c", file);
        await FreePort.UntilOpenAsync(port, cancellationToken);
        return new NginxProxy(nginx, port, tlsPort);
    }

    public ValueTask DisposeAsync() => _nginx.DisposeAsync();
}
