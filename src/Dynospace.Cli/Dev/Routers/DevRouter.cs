using System.Net;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using k8s;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Dev.Routers;

/// <summary>One router that runs in this process in place of its Deployment's pods, with their arguments but for where it listens.</summary>
internal sealed class DevRouter : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly RouterOptions _options;
    private readonly RouterHost _host;

    public DevRouter(
        RouterDeployment deployment, KubernetesClientConfiguration client, DevRouterPorts ports, IDynoConnector dynos, Stream log,
        TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        Deployment = deployment;
        Ports = ports;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var given = RouterConfiguration.ReadServing(new ConfigurationBuilder().AddCommandLine(deployment.ArgumentList).Build(), client);
        _options = given with
        {
            Address = IPAddress.Loopback,
            HttpPort = ports.Http,
            HttpsPort = ports.Https,
            PublicHttpPort = ports.Http == 0 ? given.PublicHttpPort : ports.Http,
            PublicHttpsPort = ports.Https == 0 ? given.PublicHttpsPort : ports.Https,
            HealthPort = null,
            // No load balancer is to see that it goes.
            DrainLead = TimeSpan.Zero,
            Drain = TimeSpan.FromSeconds(1),
        };
        _host = new RouterHost(_options, dynos, log, clock, loggers);
        Running = _host.RunAsync(_stop.Token);
    }

    public RouterDeployment Deployment { get; }

    public DevRouterPorts Ports { get; }

    /// <summary>Ends only when it is disposed, or by a failure.</summary>
    public Task Running { get; }

    public Task Ready => _host.Ready;

    /// <summary>Where it is found; null before it serves.</summary>
    public DevRouterAddress? Address => _host is { IsReady: true, Http: { } http, Https: { } https }
        ? new DevRouterAddress(_options.Scope, _options.BaseDomain, new Uri($"http://{http}/"), new Uri($"https://{https}/"))
        : null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync();
        _stop.Dispose();
    }
}
