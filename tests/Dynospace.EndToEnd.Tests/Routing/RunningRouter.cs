using System.Net;
using DevCluster.Simulator.Web;
using Dynospace.Api;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Faults;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Router.Cluster;
using Dynospace.Router.Hosting;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.EndToEnd.Tests.Routing;

/// <summary>
/// A router that runs in this process, as its program would and with the account that the operator made for it, on a
/// cluster whose dynos are stand-ins on loopback.
/// </summary>
internal sealed class RunningRouter : IAsyncDisposable
{
    /// <summary>The operator's own, since it is the operator who grants hosts.</summary>
    public static string BaseDomain { get; } = new PlatformOptions().Router.BaseDomain;

    private readonly CancellationTokenSource _stop = new();
    private readonly SimulatedWeb _web;
    private readonly RouterHost _host;
    private readonly Task _run;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private RunningRouter(TcpProxy connection, SimulatedWeb web, RouterProcessOptions options, ILoggerFactory loggers)
    {
        Connection = connection;
        _web = web;
        _host = new RouterHost(options, new StandIns(web), Stream.Null, TimeProvider.System, loggers);
        _run = _host.RunAsync(_stop.Token);
    }

    /// <summary>The way to the API server.</summary>
    public TcpProxy Connection { get; }

    public IPEndPoint Https => _host.Https!;

    public Uri Address => new($"http://{_host.Http}/");

    public static async Task<RunningRouter> StartAsync(
        Platform platform, ListenerKind listener, string? space, ILoggerFactory? loggers = null)
    {
        Assert.SkipUnless(
            platform.Cluster is DevTestCluster,
            "The dynos of other clusters have addresses that are not reached from here.");
        var cluster = (DevTestCluster)platform.Cluster;
        var token =
            await TokenAsync(
                platform,
                new RouterIdentity(
                    listener == ListenerKind.Public ? RouterListener.Public : RouterListener.Internal, space));
        var connection = TcpProxy.Start(new Uri(Kubeconfigs.Read(cluster.Kubeconfig).Host));
        var web =
            await SimulatedWeb.StartAsync(
                cluster.Server.Registry,
                [Labels.Space, Labels.App, Labels.Dyno, Labels.Release],
                NullLoggerFactory.Instance,
                TestContext.Current.CancellationToken);
        var router = new RunningRouter(connection, web, new RouterProcessOptions
        {
            Client = Kubeconfigs.As(Kubeconfigs.Through(cluster.Kubeconfig, connection.Port), token),
            Scope = new RouterScope(listener, space),
            Address = IPAddress.Loopback,
            HttpPort = 0,
            HttpsPort = 0,
            HealthPort = null,
            BaseDomain = BaseDomain,
            DrainLead = TimeSpan.Zero,
            Drain = TimeSpan.FromSeconds(1),
        }, loggers ?? NullLoggerFactory.Instance);
        await await Task.WhenAny(router._host.Ready, router._run).WaitAsync(platform.Traits.Patience);
        return router;
    }

    /// <summary>
    /// The account is there while a space needs the router; the operator makes it a moment after the space or its first
    /// internal app.
    /// </summary>
    private static async Task<string> TokenAsync(Platform platform, RouterIdentity router)
    {
        await platform.View.UntilAsync(
            $"router {router.Name}",
            router.Space ?? "",
            state => state.Find(Kinds.Deployment, new ObjectKey(OperatorRights.Namespace, router.Name)),
            TestContext.Current.CancellationToken);
        return await AccountToken.OfAsync(
            platform.Api, new ObjectKey(OperatorRights.Namespace, router.Name), TestContext.Current.CancellationToken);
    }

    /// <summary>A client with a router's rights.</summary>
    public static async Task<ApiClient> AccountAsync(Platform platform, ListenerKind listener, string? space)
    {
        Assert.SkipUnless(platform.Traits.RunsRouters, $"{platform.Traits.Name} runs no routers.");
        var router = new RouterIdentity(
            listener == ListenerKind.Public ? RouterListener.Public : RouterListener.Internal, space);
        return new ApiClient(
            Kubeconfigs.As(Kubeconfigs.Read(platform.Cluster.Kubeconfig), await TokenAsync(platform, router)));
    }

    public async Task<(int Status, string Body)> GetAsync(string host, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address) { Headers = { Host = host } };
        using var response = await _client.SendAsync(request, cancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>
    /// Asks again and again until the answer is as expected; there is no event for what a router knows.
    /// </summary>
    public async Task<string> UntilAsync(string host, int status, Func<string, bool>? expected = null)
    {
        var patience = TestContext.Current.CancellationToken;
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(patience);
        bound.CancelAfter(TimeSpan.FromMinutes(1));
        while (true)
        {
            var answer = await GetAsync(host, bound.Token);
            if (answer.Status == status && expected?.Invoke(answer.Body) != false)
            {
                return answer.Body;
            }

            await Task.Delay(10, bound.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync();
        await _web.DisposeAsync();
        await Connection.DisposeAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private sealed class StandIns(SimulatedWeb web) : IDynoConnector
    {
        public ValueTask<Stream> ConnectAsync(DynoEndpoint dyno, CancellationToken cancellationToken) =>
            web.ConnectAsync(dyno.Address, cancellationToken);
    }
}
