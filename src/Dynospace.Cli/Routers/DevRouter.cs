using System.Net;
using System.Text.Json;
using Dynospace.Router.Cluster;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Routers;

/// <summary>
/// One router that runs in this process in place of its Deployment's pods, with their arguments but for where it
/// listens.
/// </summary>
internal sealed class DevRouter : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly RouterProcessOptions _options;
    private readonly RouterHost _host;

    public DevRouter(
        RouterDeployment deployment,
        KubernetesClientConfiguration client,
        DevRouterPorts ports,
        IDynoConnector dynos,
        Stream log,
        TimeProvider clock, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        Deployment = deployment;
        Ports = ports;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var given = RouterConfiguration.ReadServing(
            new ConfigurationBuilder().AddCommandLine(deployment.ArgumentList).Build(), client);
        _options = given with
        {
            Address = IPAddress.Loopback,
            HttpPort = ports.Http,
            HttpsPort = ports.Https,
            PublicHttpPort = ports.Http == 0 ? given.PublicHttpPort : ports.Http,
            PublicHttpsPort = ports.Https == 0 ? given.PublicHttpsPort : ports.Https,
            HealthPort = null,
            LinesPort = given.LinesPort is null ? null : 0,
            // It is the only one of its router.
            LinesService = null,
            // No load balancer has to notice the shutdown.
            DrainLead = TimeSpan.Zero,
            Drain = TimeSpan.FromSeconds(1),
        };
        LinesService = given.LinesService;
        _host = new RouterHost(_options, dynos, log, clock, loggers);
        Running = _host.RunAsync(_stop.Token);
    }

    public RouterDeployment Deployment { get; }

    public DevRouterPorts Ports { get; }

    /// <summary>Completes when the router is disposed or fails.</summary>
    public Task Running { get; }

    public Task Ready => _host.Ready;

    /// <summary>The Service by which its lines are read in a real cluster.</summary>
    public ObjectKey? LinesService { get; }

    /// <summary>Where its lines are read; null before it listens.</summary>
    public int? LinesPort => _host.LinesPort;

    /// <summary>Its addresses; null before it serves.</summary>
    public DevRouterAddress? Address => _host is { IsReady: true, Http: { } http, Https: { } https }
        ? new DevRouterAddress(
            _options.Scope, _options.BaseDomain, new Uri($"http://{http}/"), new Uri($"https://{https}/"))
        : null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync();
        _stop.Dispose();
    }
}

/// <summary>The addresses of a router of the dev cluster.</summary>
public sealed record DevRouterAddress(RouterScope Scope, string BaseDomain, Uri Http, Uri Https)
{
    /// <summary>Its display name.</summary>
    public string Name => (Scope.Space, Scope.Listener) switch
    {
        (null, _) => "router of the Common spaces",
        (var space, ListenerKind.Public) => $"router of {space}",
        var (space, _) => $"internal router of {space}",
    };

    public override string ToString() => $"{Name}: {Http.ToString().TrimEnd('/')} and {Https.ToString().TrimEnd('/')}";
}

/// <summary>What a router's Deployment says about how its pods run.</summary>
/// <param name="Key">The Deployment.</param>
/// <param name="Uid">Its UID; another one is another router.</param>
/// <param name="Account">The service account, which decides what the router may read.</param>
/// <param name="Arguments">The arguments, a line each.</param>
public sealed record RouterDeployment(ObjectKey Key, string Uid, string Account, string Arguments)
{
    private const char Separator = '\n';

    public string[] ArgumentList => Arguments.Split(Separator, StringSplitOptions.RemoveEmptyEntries);

    public static RouterDeployment Decode(JsonElement element)
    {
        var deployment = JsonObjects.To<V1Deployment>(element);
        var pod = deployment.Spec.Template.Spec;
        return new RouterDeployment(
            new ObjectKey(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name),
            deployment.Metadata.Uid,
            pod.ServiceAccountName ?? "default",
            string.Join(Separator, pod.Containers[0].Args ?? []));
    }
}

/// <summary>Signs in as the router's service account, so that it has the same rights as in a real cluster.</summary>
internal sealed class RouterCredentials(KubernetesClientConfiguration administrator)
{
    private const int LifetimeSeconds = 365 * 24 * 3600;

    public async Task<KubernetesClientConfiguration> OfAsync(
        string ns, string account, CancellationToken cancellationToken)
    {
        using var client = ApiClient.Create(administrator);
        var answer = await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            new Authenticationv1TokenRequest
            {
                Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = LifetimeSeconds },
            },
            account,
            ns,
            cancellationToken: cancellationToken);
        return new KubernetesClientConfiguration
        {
            Host = administrator.Host,
            SslCaCerts = administrator.SslCaCerts,
            AccessToken = answer.Status.Token,
        };
    }
}
