using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DevCluster.Network.Kernel;
using DevCluster.Schema.Resources;
using Dynospace.Cli.Routers;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Routers;
using Dynospace.Router.Hosting;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using Microsoft.Extensions.Configuration;

namespace Dynospace.Cli.Network;

/// <summary>
/// Lets this machine call the routers, which run in pods. Each has ports on loopback, whose connections are relayed
/// from a place outside the cluster, so a router sees an address of that place, not of this machine.
/// </summary>
internal sealed class NetworkRouters : IDevRouters
{
    private static readonly ResourceId Services = new("", "services");
    private static readonly ResourceId EndpointSlices = new("discovery.k8s.io", "endpointslices");
    private static readonly ResourceId Deployments = new("apps", "deployments");

    private readonly DevNetwork _network;
    private readonly DevRouterSetup _setup;
    private readonly Action _changed;
    private readonly Informer<RouterDeployment> _deployments;
    private readonly ConcurrentDictionary<ObjectKey, RouterRelay> _relays = new();

    public NetworkRouters(DevNetwork network, DevRouterSetup setup, IApiTransport transport, Action changed)
    {
        (_network, _setup, _changed) = (network, setup, changed);
        _deployments = DevRouters.Watch(setup, transport);
    }

    public IReadOnlyList<DevRouterAddress> Addresses =>
    [
        .. _relays.Where(pair => HasEndpoint(pair.Key)).Select(pair => pair.Value.Address)
            .OrderBy(address => address.Http.Port),
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changes = _network.Cluster.Server.Registry.Subscribe(stop.Token);
        var watching = _deployments.RunAsync(stop.Token);
        try
        {
            while (await changes.WaitToReadAsync(stop.Token))
            {
                var matters = false;
                while (changes.TryRead(out var change))
                {
                    matters |= change.Object.Resource == EndpointSlices
                        || change.Object.Resource == Services
                        || change.Object.Resource == Deployments;
                }

                if (matters)
                {
                    Reconcile(stop.Token);
                    _changed();
                }
            }
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var relay in _relays.Values)
            {
                relay.Dispose();
            }

            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Reconcile(CancellationToken cancellationToken)
    {
        var wanted = _deployments.Store.List().ToDictionary(deployment => deployment.Key);
        foreach (var (key, _) in _relays.Where(pair => !wanted.ContainsKey(pair.Key)).ToList())
        {
            if (_relays.TryRemove(key, out var relay))
            {
                relay.Dispose();
            }
        }

        foreach (var deployment in wanted.Values.OrderBy(deployment => deployment.Key.Name, StringComparer.Ordinal))
        {
            if (!_relays.ContainsKey(deployment.Key) && ClusterAddress(deployment.Key) is { } address)
            {
                _relays[deployment.Key] = Start(deployment, address, cancellationToken);
            }
        }
    }

    private RouterRelay Start(RouterDeployment deployment, IPAddress address, CancellationToken cancellationToken)
    {
        var given = RouterConfiguration.ReadServing(
            new ConfigurationBuilder().AddCommandLine(deployment.ArgumentList).Build(), _setup.Client);
        var isShared = deployment.Key.Name == RouterIdentity.Shared.Name;
        DevRouterPorts[] taken =
        [
            .. _relays.Values.Select(relay => relay.Ports),
            .. isShared ? [] : new[] { DevRouterPorts.Next(_setup.FirstPort, []) },
        ];
        var place = given.Scope.Listener == Router.Cluster.ListenerKind.Internal
            ? DevNetwork.PeerNetwork
            : DevNetwork.Client;
        return new RouterRelay(
            _network.Cluster.Place(place),
            address,
            DevRouterPorts.Next(_setup.FirstPort, taken),
            given,
            cancellationToken);
    }

    private IPAddress? ClusterAddress(ObjectKey key) =>
        _network.Cluster.Server.Registry.Get(Services, key.Namespace, key.Name) is { } service
        && IPAddress.TryParse((string?)service.Content["spec"]?["clusterIP"], out var address)
            ? address
            : null;

    private bool HasEndpoint(ObjectKey key) =>
        _network.Cluster.Server.Registry.List(EndpointSlices, key.Namespace)
            .Where(slice => (string?)slice.Content["metadata"]?["labels"]?["kubernetes.io/service-name"] == key.Name)
            .SelectMany(slice => slice.Content["endpoints"]?.AsArray() ?? [])
            .Any(endpoint => (bool?)endpoint?["conditions"]?["ready"] == true);
}

/// <summary>Two ports of loopback that lead to a router's Service.</summary>
internal sealed class RouterRelay : IDisposable
{
    private const int CopyBytes = 32 * 1024;

    private readonly CancellationTokenSource _stop;
    private readonly List<TcpListener> _listeners = [];
    private readonly Netns _place;

    public RouterRelay(
        Netns place,
        IPAddress service,
        DevRouterPorts ports,
        RouterProcessOptions options,
        CancellationToken cancellationToken)
    {
        (_place, Ports) = (place, ports);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var http = Listen(ports.Http, new IPEndPoint(service, options.PublicHttpPort));
        var https = Listen(ports.Https, new IPEndPoint(service, options.PublicHttpsPort));
        Address = new DevRouterAddress(
            options.Scope, options.BaseDomain, new Uri($"http://{http}/"), new Uri($"https://{https}/"));
    }

    public DevRouterPorts Ports { get; }

    public DevRouterAddress Address { get; }

    public void Dispose()
    {
        _stop.Cancel();
        _listeners.ForEach(listener => listener.Dispose());
        _stop.Dispose();
    }

    private EndPoint Listen(int port, IPEndPoint target)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new CliException(
                $"port {port} of 127.0.0.1, for a router, cannot be opened: {e.Message}. Choose others with "
                + "--router-port N (0 for any).",
                e);
        }

        _listeners.Add(listener);
        _ = AcceptAsync(listener, target, _stop.Token);
        return listener.LocalEndpoint;
    }

    private async Task AcceptAsync(TcpListener listener, IPEndPoint target, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                _ = CarryAsync(await listener.AcceptSocketAsync(cancellationToken), target, cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket taken, IPEndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            await using var near = new NetworkStream(taken, ownsSocket: true);
            var socket = _place.Run(
                () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await using var far = new NetworkStream(await ConnectedAsync(socket, target, cancellationToken), true);
            await Task.WhenAll(
                CopyAsync(near, far, cancellationToken),
                CopyAsync(far, near, cancellationToken));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One side has closed the connection.
        }
    }

    private static async Task<Socket> ConnectedAsync(
        Socket socket, IPEndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Copies one direction and passes on its end; the other direction goes on.</summary>
    private static async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        await from.CopyToAsync(to, CopyBytes, cancellationToken);
        to.Socket.Shutdown(SocketShutdown.Send);
    }
}
