using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Routers;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>
/// All that the matrix of a runtime speaks of, as the operator and people make it on the cluster at hand.
/// </summary>
internal sealed class MatrixWorld : IAsyncDisposable
{
    /// <summary>All ports that the matrices name at pods; the first is <c>$PORT</c>.</summary>
    private static readonly (string Protocol, int Number)[] Ports =
        [
            ("TCP", OwnPort),
            ("TCP", 8080),
            ("TCP", 5432),
            ("TCP", 9200),
            ("UDP", 4000),
            ("TCP", 22),
            ("TCP", 53),
            ("UDP", 53),
            ("TCP", 443),
            ("TCP", 7001),
            ("TCP", 7002),
            ("TCP", 7003),
            ("TCP", RouterPorts.Https),
            ("TCP", RouterPorts.Health),
        ];

    private readonly Platform _platform;
    private readonly SpaceRuntime _runtime;
    private readonly Bystanders _bystanders;
    private readonly MatrixDynos _dynos;
    private readonly MatrixRouters? _routers;
    private readonly List<V1Pod> _made = [];

    private MatrixWorld(Platform platform, SpaceRuntime runtime, bool hasRouters)
    {
        (_platform, _runtime, HasShellPorts, HasRouters) =
            (platform, runtime, runtime == SpaceRuntime.Shield, hasRouters || platform.Traits.RunsRouters);
        (Space, Rival, Third) = (platform.NewSpace(), platform.NewSpace(), platform.NewSpace());
        var program = platform.Workloads.Serves(runtime == SpaceRuntime.Shield ? ShellPort : null, Ports);
        _bystanders = new Bystanders(program, Space.Name, Rival.Name, Third.Name, runtime);
        _dynos = new MatrixDynos(program, runtime, Space, Rival, Third, _bystanders.SearchNamespace);
        _routers = hasRouters ? new MatrixRouters(platform, runtime, Space.Name, Rival.Name, Third.Name) : null;
    }

    public const int OwnPort = 5000;

    /// <summary>
    /// Where the pods of a Shield space take orders: nobody may execute anything in them, but their own nodes reach
    /// them.
    /// </summary>
    public const int ShellPort = 9999;

    /// <summary>Whether orders reach its pods by <see cref="ShellPort"/> alone.</summary>
    public bool HasShellPorts { get; }

    public TestSpace Space { get; }

    public TestSpace Rival { get; }

    /// <summary>A space of the other kind, for the router that only its like have.</summary>
    public TestSpace Third { get; }

    /// <summary>Whether the operator makes routers, with the policies that go with them.</summary>
    public bool HasRouters { get; }

    /// <summary>The pods by what rows call them.</summary>
    public IReadOnlyDictionary<string, V1Pod> Sources { get; private set; } = new Dictionary<string, V1Pod>();

    /// <summary>The pods by what columns call them.</summary>
    public IReadOnlyDictionary<string, V1Pod> Targets { get; private set; } = new Dictionary<string, V1Pod>();

    /// <summary>A pod that no policy restricts.</summary>
    public V1Pod Stranger => Sources[Bystanders.Stranger];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="hasRouters">Whether routers run; pods of the test stand in for them otherwise.</param>
    public static async Task<MatrixWorld> StartAsync(Platform platform, SpaceRuntime runtime, bool hasRouters = false)
    {
        var world = new MatrixWorld(platform, runtime, hasRouters);
        try
        {
            await world.StartAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>A pod on the network of each of the nodes, by node.</summary>
    public async Task<IReadOnlyDictionary<string, V1Pod>> OnNodesAsync(IEnumerable<string> nodes)
    {
        var pods = nodes.Distinct().ToDictionary(node => node, _bystanders.OnNode);
        foreach (var pod in pods.Values)
        {
            await MakeAsync(pod);
        }

        return (await RunningAsync(pods.Select(pair => (pair.Key, pair.Value)))).ToDictionary();
    }

    /// <summary>A text of the pages, with the names of the spaces here.</summary>
    public string Rename(string text) => text
        .Replace("acme", Space.Name, StringComparison.Ordinal)
        .Replace("rival", Rival.Name, StringComparison.Ordinal)
        .Replace("vault", Third.Name, StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _made)
        {
            await _platform.Api.DeleteAsync(
                Kinds.Pod, new(pod.Metadata.NamespaceProperty, pod.Metadata.Name), CancellationToken.None);
        }

        await Space.DisposeAsync();
        await Rival.DisposeAsync();
        await Third.DisposeAsync();
        foreach (var ns in new[] { _bystanders.Elsewhere, _bystanders.SearchNamespace })
        {
            await _platform.Api.DeleteAsync(Kinds.Namespace, ObjectKey.ClusterScoped(ns), CancellationToken.None);
        }
    }

    private async Task StartAsync()
    {
        foreach (var ns in new[] { _bystanders.Elsewhere, _bystanders.SearchNamespace })
        {
            (await _platform.Api.CreateAsync(
                new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = ns } },
                Token)).Require();
        }

        await _dynos.StartSpacesAsync();
        var bystanders =
            (_routers is null ? _bystanders.Pods().Concat(_bystanders.Routers()) : _bystanders.Pods()).ToList();
        foreach (var (_, pod) in bystanders)
        {
            await MakeAsync(pod);
        }

        await _dynos.StartAsync();
        if (HasRouters)
        {
            await RoutersFencedAsync();
        }

        var pods = (await RunningAsync(bystanders)).Concat(await _dynos.RunningAsync())
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
        if (_routers is not null)
        {
            foreach (var (name, pod) in await _routers.RunningAsync(Space))
            {
                pods[name] = pod;
            }
        }

        Sources = Named(
            pods,
            ("dyno of the same app", "shop.web.1"),
            ("web dyno", "shop.web.1"),
            ("dyno of another app", $"{_dynos.OtherApp}.web.1"),
            ("one-off dyno", "shop.run.2"),
            ("canary", "probe"));
        Targets = Named(
            pods,
            ("web dyno", "shop.web.2"),
            ("web dyno of the other app", $"{_dynos.OtherApp}.web.2"),
            ("web dyno of another space", "dyno of another space"),
            ("one-off dyno", "shop.run.1"),
            ("data service pod in the space", "data service"),
            ("data service pod elsewhere", "data service elsewhere"));
    }

    private async Task RoutersFencedAsync()
    {
        var routers = MatrixRouters.Named(_runtime, Space.Name, Rival.Name, Third.Name).ToList();
        await Space.UntilAsync(
            "the policies of all routers exist",
            state => routers.TrueForAll(
                pair => state.Find(Kinds.Policy, new(Bystanders.System, pair.Router.Name)) is not null)
                ? state
                : null);
    }

    private async Task MakeAsync(V1Pod pod)
    {
        (await _platform.Api.CreateAsync(pod, Token)).Require();
        _made.Add(pod);
    }

    private Task<IEnumerable<(string, V1Pod)>> RunningAsync(IEnumerable<(string Name, V1Pod Pod)> pods) =>
        Space.UntilAsync("all other pods run", state =>
        {
            var running =
                pods.Select(
                    pair =>
                        (pair.Name, Pod: DynoPods.Running(
                            state.Find(Kinds.Pod, new(pair.Pod.Metadata.NamespaceProperty, pair.Pod.Metadata.Name)))))
                                .ToList();
            return running.TrueForAll(pair => pair.Pod is not null)
                ? running.Select(pair => (pair.Name, pair.Pod!))
                : null;
        });

    private static Dictionary<string, V1Pod> Named(
        Dictionary<string, V1Pod> pods, params (string Name, string Pod)[] names)
    {
        var named = new Dictionary<string, V1Pod>(pods);
        foreach (var (name, pod) in names)
        {
            named[name] = pods[pod];
        }

        return named;
    }
}
