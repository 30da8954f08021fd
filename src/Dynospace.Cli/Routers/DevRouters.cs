// Routers: the routers of a dev cluster, which run in this process, and the addresses at which apps answer.

using System.Threading.Channels;
using Dynospace.Api;
using Dynospace.Cli.Terminal;
using Dynospace.Hosting.Options;
using Dynospace.Planning.Routers;
using Dynospace.Router.Routing;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.Cli.Routers;

/// <summary>
/// Runs a router for each router Deployment of the operator, since the nodes of a dev cluster run no process.
/// </summary>
public sealed class DevRouters : IDevRouters
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);

    private readonly DevRouterSetup _setup;
    private readonly IDynoConnector _dynos;
    private readonly RouterCredentials _credentials;
    private readonly Informer<RouterDeployment> _deployments;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<ObjectKey, DevRouter> _running = [];
    private readonly Action _changed;
    private volatile DevRouter[] _shown = [];

    /// <param name="dynos">How dynos are reached.</param>
    /// <param name="changed">Called when a router starts or stops serving.</param>
    public DevRouters(DevRouterSetup setup, IDynoConnector dynos, IApiTransport transport, Action changed)
    {
        (_setup, _dynos) = (setup, dynos);
        _changed = changed;
        _credentials = new RouterCredentials(setup.Client);
        _deployments = Watch(setup, transport);
        _deployments.AddHandler(_ => _changes.Writer.TryWrite(true));
    }

    /// <summary>Follows the Deployments of routers.</summary>
    public static Informer<RouterDeployment> Watch(DevRouterSetup setup, IApiTransport transport) =>
        new Informer<RouterDeployment>(
            transport,
            ResourceKind.For<V1Deployment>(),
            new InformerOptions<RouterDeployment>
            {
                Decode = RouterDeployment.Decode,
                LabelSelector =
                    $"{Labels.Component} in "
                    + $"({ComponentValues.RouterPublic},{ComponentValues.RouterInternal}),{Labels.ManagedBy}="
                        + $"{Labels.ManagedByValue}",
            },
            setup.Clock,
            setup.Loggers.CreateLogger<Informer<RouterDeployment>>());

    /// <summary>Where a Service leads by which lines of requests are read; null for any other Service.</summary>
    public int? LinesPortOf(ObjectKey service) =>
        _shown.FirstOrDefault(router => router.LinesService == service)?.LinesPort;

    /// <summary>The routers that serve.</summary>
    public IReadOnlyList<DevRouterAddress> Addresses =>
        [.. _shown.Select(router => router.Address).OfType<DevRouterAddress>().OrderBy(address => address.Http.Port)];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watching = _deployments.RunAsync(cancellationToken);
        try
        {
            while (true)
            {
                await ReconcileAsync(cancellationToken);
                await WaitForNewsAsync(
                    _changes.Reader, [.. _running.Values.Select(router => router.Running)], cancellationToken);
            }
        }
        catch (IOException e)
        {
            throw new CliException(
                $"a router cannot listen: {e.Message.TrimEnd('.')}. Choose other ports with --router-port N (0 for "
                + $"any).",
                e);
        }
        finally
        {
            _shown = [];
            await Task.WhenAll(_running.Values.Select(router => router.DisposeAsync().AsTask()));
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Waits for a change, and takes it. Fails when a router fails, or ends without being asked to.
    /// </summary>
    internal static async Task WaitForNewsAsync(
        ChannelReader<bool> changes, IReadOnlyList<Task> running, CancellationToken cancellationToken)
    {
        var news = changes.WaitToReadAsync(cancellationToken).AsTask();
        var first = await Task.WhenAny([news, .. running]);
        // Cancelled routers complete successfully. Reporting that as a change would repeat it forever, and the session
        // would never stop.
        cancellationToken.ThrowIfCancellationRequested();
        await first;
        if (first != news)
        {
            throw new CliException("a router ended by itself.");
        }

        changes.TryRead(out _);
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        var wanted = _deployments.Store.List().ToDictionary(deployment => deployment.Key);
        foreach (var (key, router) in _running.Where(entry => !wanted.TryGetValue(entry.Key, out var now)
            || now != entry.Value.Deployment).ToList())
        {
            _running.Remove(key);
            Show();
            await router.DisposeAsync();
        }

        foreach (var deployment in wanted.Values.Where(deployment => !_running.ContainsKey(deployment.Key))
            .OrderBy(deployment => deployment.Key.Name, StringComparer.Ordinal))
        {
            if (await TryStartAsync(deployment, cancellationToken) is not { } router)
            {
                _ = RetryAsync(cancellationToken);
                return;
            }

            _running[deployment.Key] = router;
            Show();
            _ = TellWhenReadyAsync(router);
        }
    }

    /// <summary>Null when its account is not there yet.</summary>
    private async Task<DevRouter?> TryStartAsync(RouterDeployment deployment, CancellationToken cancellationToken)
    {
        try
        {
            var client = await _credentials.OfAsync(deployment.Key.Namespace!, deployment.Account, cancellationToken);
            // The first ports are reserved for the shared router, so that the printed address stays valid.
            DevRouterPorts[] taken =
            [
                .. _running.Values.Select(router => router.Ports),
                .. IsShared(deployment) ? [] : new[] { FirstPorts },
            ];
            var ports = DevRouterPorts.Next(_setup.FirstPort, taken);
            return new DevRouter(
                deployment, client, ports, _dynos, _setup.Log, _setup.Clock, _setup.Loggers, cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
        catch (OptionException e)
        {
            throw new CliException($"router {deployment.Key}: {e.Message}", e);
        }
    }

    private DevRouterPorts FirstPorts => DevRouterPorts.Next(_setup.FirstPort, []);

    private static bool IsShared(RouterDeployment deployment) => deployment.Key.Name == RouterIdentity.Shared.Name;

    private async Task RetryAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(RetryPause, _setup.Clock, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _changes.Writer.TryWrite(true);
    }

    private async Task TellWhenReadyAsync(DevRouter router)
    {
        await router.Ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _changed();
    }

    private void Show()
    {
        _shown = [.. _running.Values];
        _changed();
    }
}

/// <summary>The routers of a dev cluster, wherever they run.</summary>
public interface IDevRouters
{
    /// <summary>The routers that serve.</summary>
    IReadOnlyList<DevRouterAddress> Addresses { get; }

    /// <summary>Runs or follows them until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>What the routers of a dev cluster need.</summary>
/// <param name="Client">An administrator, who signs routers in.</param>
/// <param name="FirstPort">The first port of 127.0.0.1; 0 for any.</param>
/// <param name="Log">Where the lines of requests go.</param>
public sealed record DevRouterSetup(
    KubernetesClientConfiguration Client,
    int FirstPort,
    Stream Log,
    TimeProvider Clock,
    ILoggerFactory Loggers);

/// <summary>
/// The ports of one router: two that follow each other, beginning at the given base, or any two that are free.
/// </summary>
public readonly record struct DevRouterPorts(int Http, int Https)
{
    /// <summary>The first pair that no other router has.</summary>
    public static DevRouterPorts Next(int first, IReadOnlyCollection<DevRouterPorts> taken)
    {
        if (first == 0)
        {
            return default;
        }

        var pair = new DevRouterPorts(first, first + 1);
        while (taken.Contains(pair))
        {
            pair = new DevRouterPorts(pair.Http + 2, pair.Https + 2);
        }

        return pair.Https <= ushort.MaxValue
            ? pair
            : throw new CliException(
                $"there are more routers than ports from {first} on: choose a lower --router-port.");
    }
}
