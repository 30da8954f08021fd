namespace Dynospace.Benchmarks.Routing;

/// <summary>
/// A dyno: nginx with a page of 1 kB and one of 1 MB, the fastest that is at hand, so that the router is what is
/// measured.
/// </summary>
internal sealed class Origin : IAsyncDisposable
{
    public const string Small = "/1k";
    public const string Large = "/1m";

    /// <summary>Takes a body and answers with 1 kB.</summary>
    public const string Upload = "/post";

    private readonly Tool _nginx;

    private Origin(Tool nginx, int port) => (_nginx, Port) = (nginx, port);

    public int Port { get; }

    public static async Task<Origin> StartAsync(Workplace place, CancellationToken cancellationToken)
    {
        var port = FreePort.Take();
        var page = new string('x', 1_000);
        place.Write("pages/1k", page);
        place.Write("pages/1m", new string('x', 1_000_000));
        var file = place.Write($"origin-{port}.conf", $$"""
            daemon off; user root; worker_processes 1; pid {{place.Root}}/origin-{{port}}.pid;
            error_log {{place.Root}}/origin.log;
            events { worker_connections 8192; }
            http {
              access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 90;
              server { listen 127.0.0.1:{{port}} backlog=4096; root {{place.Root}}/pages; 
                location {{Small}} { sendfile off; } location {{Upload}} { return 200 {{page}}; } }
            }
            """);
        var nginx = Tool.Start("nginx", "-p", place.Root, "-c", file);
        await FreePort.UntilOpenAsync(port, cancellationToken);
        return new Origin(nginx, port);
    }

    /// <summary>Ends after the requests that it has.</summary>
    public Task QuitAsync() => _nginx.QuitAsync();

    public ValueTask DisposeAsync() => _nginx.DisposeAsync();
}
