using System.Text.Json.Nodes;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Terminal;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Matrices;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>
/// Who reaches whom in a space and around it: one dyno of each process type of each app, and every kind of outsider.
/// </summary>
public sealed class SpaceMatrix
{
    private const int KubeletPort = 10250;
    private const string AnyNamespace = "default";
    private const string SomePrivateAddress = "192.168.1.1";

    private static readonly TransportPort Https = TransportPort.Tcp(443);

    private readonly ReachWorld _world;
    private readonly Space _space;
    private readonly SpaceNames _names;
    private readonly EndResolver _resolver;
    private readonly List<(string Type, List<ReachEnd> Dynos)> _dynos;

    /// <exception cref="CliException">There is no such space, or nothing in it.</exception>
    public SpaceMatrix(ReachWorld world, string space)
    {
        _world = world;
        _space = world.SpaceOf(space)
            ?? throw new CliException(
                $"--matrix {space}: there is no such Space: there are "
                + $"{string.Join(", ", world.Spaces.Select(found => found.Metadata.Name).DefaultIfEmpty("none"))}.");
        _names = new SpaceNames(world, _space);
        _resolver = new EndResolver(world, space);
        _dynos =
        [
            .. DynoPodLookup.InSpace(world, space)
                .GroupBy(entry => entry.Dyno[..entry.Dyno.LastIndexOf('.')], StringComparer.Ordinal)
                    .Select(
                        group =>
                            (group.Key, group.Select(entry => new ReachEnd(entry.Dyno, StandIns.EndpointOf(entry.Pod)))
                                .ToList())),
        ];
        if (_dynos.Count == 0)
        {
            throw new CliException(
                $"--matrix {space}: the space has no dyno with a pod, so there is nothing to show: apply an App with "
                + $"a formation.");
        }
    }

    private IEnumerable<ReachEnd> Inhabitants => _dynos.Select(type => type.Dynos[0]);

    /// <summary>Another dyno than the one that asks, where the type has one.</summary>
    private IEnumerable<ReachEnd> Receivers => _dynos.Select(type => type.Dynos[^1]);

    private IEnumerable<(ReachEnd End, TransportPort Port)> DataServices =>
        from service in _space.Spec.DataServices ?? []
        from end in _names.Find(service.Name)
            .Where(end => end.Name.StartsWith("data service", StringComparison.Ordinal))
        from port in service.Ports
        select (end with { Name = $"data service {service.Name}" }, TransportPort.Tcp(port));

    private IEnumerable<ReachEnd> Peers =>
        (_space.Spec.PeerNetworks
            ?? []).Select(peer => _names.Peer(peer.Name) with { Name = $"peer network {peer.Name}" });

    /// <summary>The tables: into the space, and out of it.</summary>
    public IReadOnlyList<(string Title, ReachabilityMatrix Matrix)> Build()
    {
        var port = TransportPort.Tcp(_world.Options.Dynos.Port);
        List<(ReachEnd End, TransportPort Port)> receivers =
        [
            .. Receivers.Select(dyno => (dyno, port)),
            .. DataServices.Where(LivesHere),
        ];
        List<ReachEnd> senders = [.. Inhabitants, .. Outsiders()];
        List<(ReachEnd End, TransportPort Port)> outside = [.. Outside(port)];
        var evaluator = Snapshots.EvaluatorOf(
            _world, [.. senders, .. receivers.Concat(outside).Select(target => target.End)]);
        var name = _space.Metadata.Name;
        return
        [
            ($"Into space {name} ({_space.Spec.Runtime})", Matrix(evaluator, senders, receivers)),
            ($"Out of space {name} ({_space.Spec.Runtime})", Matrix(evaluator, Inhabitants, outside)),
        ];
    }

    private bool LivesHere((ReachEnd End, TransportPort Port) service) =>
        service.End.Endpoint is PodEndpoint pod && pod.Namespace == _space.Metadata.Name;

    private static ReachabilityMatrix Matrix(
        ReachabilityEvaluator evaluator,
        IEnumerable<ReachEnd> sources,
        IEnumerable<(ReachEnd End, TransportPort Port)> targets) =>
        ReachabilityMatrix.Build(
            evaluator,
            sources.Select(source => new MatrixSource(source.Name, source.Endpoint)
            {
                Ranges = source.RangesIn(evaluator.Snapshot),
            }),
            targets.Select(target => new MatrixTarget(target.End.Name, target.End.Endpoint, target.Port)
            {
                Ranges = target.End.RangesIn(evaluator.Snapshot),
            }));

    private IEnumerable<ReachEnd> Outsiders()
    {
        var isCommon = _space.Spec.Runtime == SpaceRuntime.Common;
        yield return Word("router");
        if (!isCommon)
        {
            yield return Word("router-internal");
            var shared = StandIns.Router(
                null, Api.ComponentValues.RouterPublic, _world.Options.Cluster.SystemNamespace);
            yield return Assumed("the shared router", shared);
        }

        foreach (var other in OtherDyno())
        {
            yield return other;
        }

        yield return Assumed("a pod made by hand", StandIns.Stranger(_space.Metadata.Name, "made-by-hand"));
        yield return Assumed("a pod of another namespace", StandIns.Stranger(AnyNamespace, "stranger"));
        foreach (var end in DataServices.Select(service => service.End).DistinctBy(end => end.Name).Concat(Peers))
        {
            yield return end;
        }

        yield return Word("internet") with { Name = "the internet" };
        foreach (var node in Nodes())
        {
            yield return node;
        }
    }

    private IEnumerable<(ReachEnd End, TransportPort Port)> Outside(TransportPort web)
    {
        yield return (Word("internet") with { Name = "the internet" }, Https);
        yield return (Word("metadata") with { Name = "metadata" }, TransportPort.Tcp(80));
        yield return (new ReachEnd("a private network", Endpoint.At(SomePrivateAddress)), Https);
        foreach (var service in DataServices)
        {
            yield return service;
        }

        foreach (var peer in Peers)
        {
            yield return (peer, Https);
        }

        foreach (var router in _world.Options.Router.Provider == RouterProvider.Builtin ? Routers() : [])
        {
            yield return (router, TransportPort.Tcp(RouterPorts.Https));
        }

        foreach (var other in OtherDyno())
        {
            yield return (other, web);
        }

        yield return (Assumed("a pod of another namespace", StandIns.Stranger(AnyNamespace, "stranger")), Https);
        foreach (var node in Nodes())
        {
            yield return (node, TransportPort.Tcp(KubeletPort));
        }
    }

    /// <summary>The public routers: the shared one, the space's own and that of one other space.</summary>
    private IEnumerable<ReachEnd> Routers()
    {
        var system = _world.Options.Cluster.SystemNamespace;
        if (_world.Spaces.Any(space => space.Spec.Runtime == SpaceRuntime.Common))
        {
            yield return Assumed(
                "the shared router", StandIns.Router(null, Api.ComponentValues.RouterPublic, system));
        }

        var owners = _world.Spaces.Where(space => space.Spec.Runtime != SpaceRuntime.Common)
            .OrderBy(space => space != _space)
            .ThenBy(space => space.Metadata.Name, StringComparer.Ordinal)
            .Take(_space.Spec.Runtime == SpaceRuntime.Common ? 1 : 2);
        foreach (var owner in owners)
        {
            var router = StandIns.Router(owner, Api.ComponentValues.RouterPublic, system);
            router.Metadata.Name = $"{router.Metadata.Name}.{owner.Metadata.Name}";
            yield return Assumed($"the public router of {owner.Metadata.Name}", router);
        }
    }

    private IEnumerable<ReachEnd> OtherDyno() => _world.Spaces.Where(space => space != _space)
        .SelectMany(space => DynoPodLookup.InSpace(_world, space.Metadata.Name)
            .Select(entry => new ReachEnd($"{space.Metadata.Name}/{entry.Dyno}", StandIns.EndpointOf(entry.Pod))))
        .Take(1);

    /// <summary>Two are enough to distinguish a dyno's own node from another.</summary>
    private IEnumerable<ReachEnd> Nodes() =>
        _world.Objects.OfType<V1Node>().OrderBy(node => node.Metadata.Name, StringComparer.Ordinal).Take(2)
            .Select(node => new ReachEnd($"node {node.Metadata.Name}", Endpoint.Node(node.Metadata.Name)));

    private ReachEnd Word(string word) => _resolver.Resolve(EndParser.Parse(word));

    private static ReachEnd Assumed(string name, V1Pod pod) => new(name, StandIns.EndpointOf(pod)) { StandIn = pod };
}

/// <summary>Prints the tables of a space.</summary>
public static class MatrixReport
{
    public static string ToText(IEnumerable<(string Title, ReachabilityMatrix Matrix)> tables) =>
        string.Join("\n", tables.Select(table => $"{table.Title}\n\n{table.Matrix.ToText()}"));

    public static string ToJson(IEnumerable<(string Title, ReachabilityMatrix Matrix)> tables) =>
        PrintedJson.Format(new JsonArray([.. tables.SelectMany(table => Cells(table.Matrix))]));

    private static IEnumerable<JsonNode> Cells(ReachabilityMatrix matrix)
    {
        for (var row = 0; row < matrix.Sources.Length; row++)
        {
            for (var column = 0; column < matrix.Targets.Length; column++)
            {
                var (source, target, verdict) = (matrix.Sources[row], matrix.Targets[column], matrix[row, column]);
                yield return new JsonObject
                {
                    ["source"] = source.Name,
                    ["target"] = target.Name,
                    ["port"] = target.Port.Number,
                    ["protocol"] = target.Port.Protocol.ToString().ToUpperInvariant(),
                    ["reachable"] = verdict.Allowed,
                    ["partial"] = verdict.IsPartial,
                    ["basis"] = verdict.Basis,
                };
            }
        }
    }
}
