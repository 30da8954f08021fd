using System.Net;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Cli.Terminal;
using Dynospace.Planning;
using Dynospace.Planning.Routers;
using Dynospace.Reachability;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.Cli.Reach;

/// <summary>
/// Finds what ends speak of. A name is looked for in the space that was given, then in that of the other end, then in
/// all.
/// </summary>
internal sealed class EndResolver(ReachWorld world, string? @namespace)
{
    /// <summary>Of a block that no network routes and that no space can claim as its peer by accident.</summary>
    private const string SomewhereOnTheInternet = "203.0.113.99";

    private static readonly string[] MetadataAddresses = ["169.254.169.254", "fd00:ec2::254"];

    /// <summary>How many names a message lists.</summary>
    private const int NamedNames = 12;

    /// <exception cref="CliException">An end is not there, or could be several.</exception>
    public (ReachEnd Source, ReachEnd Target) Resolve(EndText source, EndText target)
    {
        var context = @namespace ?? OnlySpaceOf(source) ?? OnlySpaceOf(target);
        return (Resolve(source, context, isSource: true), Resolve(target, context, isSource: false));
    }

    /// <summary>One end that opens connections.</summary>
    /// <exception cref="CliException">It is not there, or could be several.</exception>
    public ReachEnd Resolve(EndText source) => Resolve(source, @namespace, isSource: true);

    private ReachEnd Resolve(EndText end, string? context, bool isSource) => end.Kind switch
    {
        EndKind.Pod => Pod(end),
        EndKind.Node => Node(end),
        EndKind.Router => Router(end, context, ComponentValues.RouterPublic, isSource),
        EndKind.InternalRouter => Router(end, context, ComponentValues.RouterInternal, isSource),
        EndKind.Internet =>
            new ReachEnd("the internet", Endpoint.At(SomewhereOnTheInternet))
            {
                DefaultPort = TransportPort.Tcp(443),
                IsInternet = true,
                Ranges = PublicAddresses.All,
            },
        EndKind.Metadata =>
            new ReachEnd(
                $"the metadata addresses ({string.Join(", ", MetadataAddresses)})", Endpoint.At(MetadataAddresses[0]))
            {
                Ranges = CidrSet.FromRanges(
                    MetadataAddresses.Select(address => AddressRange.FromAddress(IPAddress.Parse(address)))),
                DefaultPort = TransportPort.Tcp(80),
            },
        EndKind.Peer => new SpaceNames(world, SpaceFor(end, context)).Peer(end.Name),
        EndKind.Address => new ReachEnd(end.Address!.ToString(), Endpoint.At(end.Address)),
        _ => Named(end, context),
    };

    private ReachEnd Named(EndText end, string? context)
    {
        var found = Candidates(end, end.Space ?? @namespace);
        if (found.Count > 1 && found.Where(entry => entry.Space == context).ToList() is { Count: > 0 } near)
        {
            found = near;
        }

        return found switch
        {
            [var (_, only)] => only,
            [] => throw new CliException(Missing(end)),
            _ when found.Select(entry => entry.Space).Distinct().Count() > 1 => throw new CliException(
                $"'{end.Text}' is in several spaces: write "
                + $"{string.Join(" or ", found.Select(entry => $"{entry.Space}/{end.Name}").Distinct())}, or give -n "
                    + $"SPACE."),
            _ => throw new CliException(
                $"'{end.Text}' is several things: {string.Join(", ", found.Select(entry => entry.End.Name))}. Write "
                + $"pod/NAMESPACE/NAME or an address for the one that you mean."),
        };
    }

    private IReadOnlyList<(string Space, ReachEnd End)> Candidates(EndText end, string? only) =>
    [
        .. world.Spaces.Where(space => only is null || space.Metadata.Name == only)
            .SelectMany(space => new SpaceNames(world, space).Find(end.Name)
                .Select(found => (space.Metadata.Name, found))),
    ];

    private string? OnlySpaceOf(EndText end) => end.Kind switch
    {
        EndKind.Named when end.Space is { } given => given,
        EndKind.Named when Candidates(end, @namespace).Select(entry => entry.Space).Distinct().ToList() is [var only] =>
            only,
        EndKind.Pod when world.SpaceOf(end.Space) is not null => end.Space,
        _ => null,
    };

    private string Missing(EndText end)
    {
        var place = end.Space ?? @namespace;
        if (place is not null && world.SpaceOf(place) is null)
        {
            var spaces = string.Join(", ", world.Spaces.Select(space => space.Metadata.Name));
            return $"'{end.Text}': there is no Space {place}: "
                + $"there are {(spaces.Length == 0 ? "none at all" : spaces)}.";
        }

        var names = world.Spaces.Where(space => place is null || space.Metadata.Name == place)
            .SelectMany(space => new SpaceNames(world, space).All
                .Select(name => place is null ? $"{space.Metadata.Name}/{name}" : name))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var list = string.Join(", ", names.Take(NamedNames))
            + (names.Count > NamedNames ? $" and {names.Count - NamedNames} more" : "");
        return $"'{end.Text}' is not a dyno with a pod, a Service or a data "
            + $"service{(place is null ? "" : $" of space {place}")}: there are {(list.Length == 0 ? "none" : list)}.";
    }

    private ReachEnd Pod(EndText end) => world.In<V1Pod>(end.Space!).Any(pod => pod.Metadata.Name == end.Name)
        ? new ReachEnd($"pod {end.Space}/{end.Name}", Endpoint.Pod(end.Space!, end.Name))
        : throw new CliException($"'{end.Text}': namespace {end.Space} has no pod {end.Name}.");

    private ReachEnd Node(EndText end) => world.Objects.OfType<V1Node>().Any(node => node.Metadata.Name == end.Name)
        ? new ReachEnd($"node {end.Name}", Endpoint.Node(end.Name))
        : throw new CliException(
            $"'{end.Text}': there is no Node {end.Name}; manifests may hold one, with its addresses in status.");

    private ReachEnd Router(EndText end, string? context, string component, bool isSource)
    {
        var space = context is null ? null : SpaceFor(end, context);
        var assumed = StandIns.Router(space, component, world.Options.Cluster.SystemNamespace);
        var name = assumed.Metadata.Labels.ContainsKey(Labels.Space)
            ? $"the {(component == ComponentValues.RouterInternal ? "internal" : "public")} router of "
                + $"{space!.Metadata.Name}"
            : "the shared router";
        if (world.In<V1Pod>(world.Options.Cluster.SystemNamespace)
            .Where(pod => IsLike(pod, assumed))
            .MinBy(pod => pod.Metadata.Name, StringComparer.Ordinal) is { } running)
        {
            return new ReachEnd(
                $"{name} (pod {running.Metadata.NamespaceProperty}/{running.Metadata.Name})",
                StandIns.EndpointOf(running))
            {
                DefaultPort = TransportPort.Tcp(RouterPorts.Https),
            };
        }

        if (!isSource
            && !world.In<V1NetworkPolicy>(world.Options.Cluster.SystemNamespace)
                .Any(policy => Selects(policy, assumed)))
        {
            throw new CliException(
                $"'{end.Text}': no pod of {name} runs and no policy is for it: the space has no such listener, or "
                + $"another provider brings its requests.");
        }

        return new ReachEnd(name, StandIns.EndpointOf(assumed))
        {
            StandIn = assumed,
            Note = StandIns.Note,
            DefaultPort = TransportPort.Tcp(RouterPorts.Https),
        };
    }

    private static bool Selects(V1NetworkPolicy policy, V1Pod pod) =>
        policy.Spec?.PodSelector is { } selector && LabelSelectors.Matches(selector, pod.Metadata.Labels.AsReadOnly());

    private static bool IsLike(V1Pod pod, V1Pod router) =>
        router.Metadata.Labels.All(label => pod.Metadata.Labels?.TryGetValue(label.Key, out var value) == true
            && value == label.Value)
        && (router.Metadata.Labels.ContainsKey(Labels.Space) || pod.Metadata.Labels?.ContainsKey(Labels.Space) != true);

    private Space SpaceFor(EndText end, string? context) => (context, world.Spaces) switch
    {
        ({ } name, _) => world.SpaceOf(name) ?? throw new CliException($"there is no Space {name}."),
        (null, [var only]) => only,
        _ => throw new CliException($"'{end.Text}' is another one in each space: give -n SPACE."),
    };
}

/// <summary>
/// Pods that stand in for those that do not run (yet): policies depend on their labels and namespace only.
/// </summary>
internal static class StandIns
{
    public const string Note = "no such pod runs; it is judged by the labels that it would have";

    /// <summary>A router: one for each Private or Shield space, one for all Common spaces.</summary>
    public static V1Pod Router(Space? space, string component, string systemNamespace)
    {
        var listener = component == ComponentValues.RouterPublic ? RouterListener.Public : RouterListener.Internal;
        var owner = space is { Spec.Runtime: not SpaceRuntime.Common } ? space.Metadata.Name : null;
        return Pod(systemNamespace, component, new RouterIdentity(listener, owner).PodLabels());
    }

    /// <summary>A pod that a data service's selector selects; null if the selector is too complex.</summary>
    public static V1Pod? DataService(DataService service, string space)
    {
        var labels = new Dictionary<string, string>(
            service.PodSelector?.MatchLabels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (var expression in service.PodSelector?.MatchExpressions ?? [])
        {
            if (expression.OperatorProperty is "NotIn" or "DoesNotExist")
            {
                continue;
            }

            labels.TryAdd(expression.Key, expression.Values is [var first, ..] ? first : "");
        }

        return LabelSelectors.Matches(service.PodSelector!, labels)
            ? Pod(service.Namespace ?? space, service.Name, labels)
            : null;
    }

    /// <summary>A pod that belongs to no app.</summary>
    public static V1Pod Stranger(string @namespace, string name) =>
        Pod(@namespace, name, new Dictionary<string, string>());

    public static PodEndpoint EndpointOf(V1Pod pod) => Endpoint.Pod(pod.Metadata.NamespaceProperty, pod.Metadata.Name);

    private static V1Pod Pod(string @namespace, string name, IDictionary<string, string> labels) => new()
    {
        // A dot and a word that no controller uses distinguish it from real pods.
        Metadata = new V1ObjectMeta { NamespaceProperty = @namespace, Name = $"{name}.assumed", Labels = labels },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "assumed" }] },
    };
}

/// <summary>Ranges that a Space names, and one address of them.</summary>
internal static class SpaceRanges
{
    /// <exception cref="CliException">A text is not a valid range.</exception>
    public static (CidrSet? Ranges, IPAddress Example) Read(IEnumerable<string> cidrs)
    {
        var ranges = cidrs.Select(
            cidr => AddressRange.TryParseMasked(cidr, out var range, out var problem)
                ? range
                : throw new CliException($"'{cidr}' {problem}.")).ToList();
        var isOne = ranges is [var only] && only.PrefixLength == only.First.GetAddressBytes().Length * 8;
        return (isOne ? null : CidrSet.FromRanges(ranges), FirstHost(ranges[0]));
    }

    /// <summary>The first host address: the one after the network address if the range has more than two.</summary>
    private static IPAddress FirstHost(AddressRange range)
    {
        var bytes = range.First.GetAddressBytes();
        if (range.PrefixLength < (bytes.Length * 8) - 1)
        {
            bytes[^1]++;
        }

        return new IPAddress(bytes);
    }
}
