using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Reachability;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Who and where the rows and columns of the matrix are on the cluster at hand.</summary>
internal sealed class MatrixEnds
{
    private readonly MatrixWorld _world;
    private readonly Dictionary<string, string> _addresses = [];
    private readonly V1Pod? _dnsPod;

    private MatrixEnds(MatrixWorld world, IReadOnlyList<V1Node> nodes, IReadOnlyList<SeenObject> dnsPods) =>
        (_world, Nodes, _dnsPod) = (world, nodes, dnsPods.Select(DynoPods.Running).OfType<V1Pod>().FirstOrDefault());

    public IReadOnlyList<V1Node> Nodes { get; }

    /// <summary>The nodes that can run a pod.</summary>
    public IEnumerable<string> ReadyNodes => Nodes
        .Where(node => node.Status.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true)
        .Select(node => node.Metadata.Name);

    public static async Task<MatrixEnds> FindAsync(Platform platform, MatrixWorld world)
    {
        var token = TestContext.Current.CancellationToken;
        var nodes = await platform.Api.ListAsync<V1Node>(Kinds.Node, token);
        var state = platform.View.Now;
        var ends = new MatrixEnds(
            world, nodes, [.. state.Of(Kinds.Pod, "kube-system").Where(pod => pod.Label("k8s-app") == "kube-dns")]);
        ends.Add(MatrixAddresses.ApiServer, state.Find(Kinds.Service, new("default", "kubernetes")));
        ends.Add(MatrixAddresses.ApiServerByService, state.Find(Kinds.Service, new("default", "kubernetes")));
        ends.Add(
            MatrixAddresses.ApiServerByEndpoint,
            await platform.Api.ListAsync<V1EndpointSlice>(Kinds.EndpointSlice, token));
        ends.Add(
            MatrixAddresses.DnsService,
            state.Of(Kinds.Service, "kube-system")
                .FirstOrDefault(service => (string?)service.Content["spec"]?["selector"]?["k8s-app"] == "kube-dns"));
        return ends;
    }

    /// <summary>
    /// A row or column that is new to the page must get its stand-in here, or nobody would notice that it is never
    /// tried.
    /// </summary>
    public void RequireStandIns(IEnumerable<MatrixCell> cells)
    {
        var unknown =
            cells.SelectMany(cell => new[] { (cell.From, Pod: SourcePod(cell)), (From: cell.To, Pod: TargetPod(cell)) })
                .Where(end => end.Pod is null && !MatrixAddresses.Knows(end.From))
                .Select(end => end.From)
                .Distinct();
        Assert.Empty(unknown);
    }

    /// <summary>The pod that a row means; null for one that means none.</summary>
    public V1Pod? SourcePod(MatrixCell cell) => _world.Sources.GetValueOrDefault(cell.From);

    /// <summary>The pod that a column means; null for one that means none.</summary>
    public V1Pod? TargetPod(MatrixCell cell) =>
        cell.To == MatrixAddresses.DnsPod ? _dnsPod : _world.Targets.GetValueOrDefault(cell.To);

    /// <summary>The node whose own connections a row means.</summary>
    public V1Node? SourceNode(MatrixCell cell) => cell.From switch
    {
        MatrixAddresses.OwnNode or MatrixAddresses.RoutersNode =>
            Nodes.FirstOrDefault(node => node.Metadata.Name == TargetPod(cell)?.Spec.NodeName),
        MatrixAddresses.AnotherNode => NodeBeside(TargetPod(cell)),
        _ => null,
    };

    /// <summary>What the evaluator is asked about; null where the cluster has no such thing.</summary>
    public Endpoint? Source(MatrixCell cell) =>
        SourcePod(cell) is { } pod ? Of(pod)
        : SourceNode(cell) is { } node ? Endpoint.Node(node.Metadata.Name)
        : MatrixAddresses.Find(cell.From) is { } address ? Endpoint.At(address)
        : null;

    /// <inheritdoc cref="Source"/>
    public Endpoint? Target(MatrixCell cell) =>
        IsOnOwnNode(cell) ? null
        : TargetPod(cell) is { } pod ? Of(pod)
        : cell.To is MatrixAddresses.AnotherNode or MatrixAddresses.KubeletOfAnotherNode
            && NodeBeside(SourcePod(cell)) is { } node ? Endpoint.Node(node.Metadata.Name)
        : TargetAddress(cell) is { } address ? Endpoint.At(address)
        : null;

    /// <summary>
    /// Whether the column is the API server, and that runs on the pod's own node. A pod reaches its node with most
    /// plugins, whatever the policies say, so the cell, which means the API server as somewhere else, shows nothing.
    /// </summary>
    public bool IsOnOwnNode(MatrixCell cell) =>
        cell.To is MatrixAddresses.ApiServer or MatrixAddresses.ApiServerByService
            or MatrixAddresses.ApiServerByEndpoint
        && _addresses.TryGetValue(MatrixAddresses.ApiServerByEndpoint, out var server)
        && SourcePod(cell)?.Spec.NodeName is { } own
        && Nodes.FirstOrDefault(
            node => node.Metadata.Name == own)?.Status.Addresses?.Any(address => address.Address == server) == true;

    /// <summary>Where a column is; null where the cluster has no such thing.</summary>
    public string? TargetAddress(MatrixCell cell) =>
        TargetPod(cell) is { } pod ? AddressOf(pod, cell.From) : cell.To switch
        {
            MatrixAddresses.AnotherNode or MatrixAddresses.KubeletOfAnotherNode =>
                AddressOf(NodeBeside(SourcePod(cell)), "InternalIP"),
            MatrixAddresses.AnotherNodesPublicAddress => AddressOf(NodeBeside(SourcePod(cell)), "ExternalIP"),
            _ => _addresses.GetValueOrDefault(cell.To) ?? MatrixAddresses.Find(cell.To),
        };

    private static PodEndpoint Of(V1Pod pod) => Endpoint.Pod(pod.Metadata.NamespaceProperty, pod.Metadata.Name);

    private static string? AddressOf(V1Node? node, string type) =>
        node?.Status.Addresses?.FirstOrDefault(address => address.Type == type)?.Address;

    /// <summary>
    /// A caller of which only an IPv6 address is known calls the IPv6 address of a pod; null where it has none.
    /// </summary>
    private static string? AddressOf(V1Pod pod, string from) =>
        MatrixAddresses.Find(from)?.Contains(':', StringComparison.Ordinal) == true
            ? pod.Status.PodIPs?.Select(address => address.Ip).FirstOrDefault(
                address => address.Contains(':', StringComparison.Ordinal))
            : pod.Status.PodIP;

    /// <summary>A node that the pod is not on, rather one with a public address.</summary>
    private V1Node? NodeBeside(V1Pod? pod) =>
        Nodes.Where(node => node.Metadata.Name != pod?.Spec.NodeName)
            .MaxBy(node => AddressOf(node, "ExternalIP") is not null);

    private void Add(string name, IEnumerable<V1EndpointSlice> slices)
    {
        var own =
            slices.FirstOrDefault(slice => slice.Metadata is { Name: "kubernetes", NamespaceProperty: "default" });
        if (own?.Endpoints?.SelectMany(endpoint => endpoint.Addresses).FirstOrDefault() is { } address)
        {
            _addresses[name] = address;
        }
    }

    private void Add(string name, SeenObject? service)
    {
        if ((string?)service?.Content["spec"]?["clusterIP"] is { } address)
        {
            _addresses[name] = address;
        }
    }
}
