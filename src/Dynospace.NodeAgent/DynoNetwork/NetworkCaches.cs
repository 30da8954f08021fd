using System.Net;
using System.Text.Json;
using Dynospace.Api.Nodes;
using Dynospace.NodeAgent.Caching;
using Dynospace.NodeAgent.Status;
using Dynospace.Reachability.Addresses;
using Dynospace.Runtime;
using Dynospace.Runtime.Caching;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.DynoNetwork;

/// <summary>Caches of nodes, claims, and the pods of this node.</summary>
internal sealed class NetworkCaches
{
    private static readonly ResourceKind ServiceRangeKind =
        new("networking.k8s.io", "v1", "servicecidrs", "ServiceCIDR", IsNamespaced: false);

    private readonly Informer<V1Node> _nodes;
    private readonly Informer<NodeNetwork> _networks;
    private readonly Informer<V1Pod> _pods;
    private readonly Informer<ServiceRange> _serviceRanges;
    private readonly string? _apiAddress;

    /// <param name="onChange">Called when an input of the network plan changes.</param>
    /// <param name="apiAddress">The cluster IP of the API server's Service; null if unknown.</param>
    public NetworkCaches(
        IApiTransport transport, string node, string? apiAddress, Action onChange, TimeProvider clock,
        ILoggerFactory loggers)
    {
        _apiAddress = apiAddress;
        // Nodes write their status constantly, which must not make every other node check its kernel.
        _nodes = Create<V1Node>(
            ResourceKind.For<V1Node>(), new() { Decode = SlimNode },
            (old, now) => NetworkNode.FromNode(old).IsSameAs(NetworkNode.FromNode(now)));
        _networks = Create<NodeNetwork>(
            NodeNetworkObject.Kind, new() { Decode = element => JsonObjects.To<NodeNetwork>(element) },
            (old, now) => BlockClaimant.FromObject(old) == BlockClaimant.FromObject(now));
        _pods = Create<V1Pod>(
            ResourceKind.For<V1Pod>(), new() { Decode = SlimPod, FieldSelector = $"spec.nodeName={node}" });
        // Older clusters do not have this kind, which is not a failure.
        _serviceRanges = Create<ServiceRange>(
            ServiceRangeKind, new() { Decode = ServiceRange.Read, IsOptional = true });
        Informers = new InformerGroup(_nodes, _networks, _pods, _serviceRanges);

        Informer<T> Create<T>(ResourceKind kind, InformerOptions<T> options, Func<T, T, bool>? isSame = null)
            where T : class
        {
            var informer = new Informer<T>(transport, kind, options, clock, loggers.CreateLogger<Informer<T>>());
            informer.AddHandler(change =>
            {
                if (change is not { Old: { } old, New: { } now } || isSame?.Invoke(old, now) != true)
                {
                    onChange();
                }
            });
            return informer;
        }
    }

    public InformerGroup Informers { get; }

    public IReadOnlyList<NetworkNode> Nodes =>
        [.. _nodes.Store.List().Select(NetworkNode.FromNode).OrderBy(node => node.Name, StringComparer.Ordinal)];

    public IReadOnlyList<BlockClaim> Claims =>
        [.. _networks.Store.List().Select(BlockClaimant.FromObject).OfType<BlockClaim>()];

    public IReadOnlyList<AddressRange> ServiceRanges =>
    [
        .. _serviceRanges.Store.List().SelectMany(item => item.Ranges),
        .. IPAddress.TryParse(_apiAddress, out var address)
            ? [AddressRange.FromAddress(address)]
            : Array.Empty<AddressRange>(),
    ];

    /// <summary>The pods of this node.</summary>
    public IReadOnlyCollection<V1Pod> Pods => _pods.Store.List();

    /// <summary>The host ports that lead to pods, in each family in which a pod has a dyno address.</summary>
    /// <param name="ranges">The addresses of the node's dynos.</param>
    public static IReadOnlyList<ForwardedPort> HostPorts(IEnumerable<V1Pod> pods, CidrSet ranges) =>
    [
        .. from pod in pods.OrderBy(pod => pod.Metadata.NamespaceProperty, StringComparer.Ordinal)
            .ThenBy(pod => pod.Metadata.Name, StringComparer.Ordinal)
           where pod.Spec?.HostNetwork != true && pod.Status?.Phase is not ("Succeeded" or "Failed")
           from text in (pod.Status?.PodIPs ?? []).Select(item => item.Ip).Append(pod.Status?.PodIP).Distinct()
           let address = IPAddress.TryParse(text, out var parsed) ? parsed : null
           where address is not null && ranges.Contains(address)
           from container in (pod.Spec?.Containers ?? []).Concat(pod.Spec?.InitContainers ?? [])
           from port in container.Ports ?? []
           where port.HostPort is > 0 && IsOpenTo(port.HostIP, address)
           select new ForwardedPort(
               SingleAddress(port.HostIP),
               (port.Protocol ?? "TCP").ToLowerInvariant(), port.HostPort!.Value, address, port.ContainerPort),
    ];

    /// <summary>Without hostIP a port is open in both families, otherwise in the family of hostIP.</summary>
    private static bool IsOpenTo(string? hostIp, IPAddress pod) =>
        string.IsNullOrEmpty(hostIp)
        || (IPAddress.TryParse(hostIp, out var address) && address.AddressFamily == pod.AddressFamily);

    private static IPAddress? SingleAddress(string? text) =>
        IPAddress.TryParse(text, out var address)
        && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address
            : null;

    private static V1Node SlimNode(JsonElement element)
    {
        var node = KubernetesJson.Deserialize<V1Node>(element);
        return new V1Node
        {
            Metadata = new V1ObjectMeta { Name = node.Metadata.Name },
            Spec = new V1NodeSpec { PodCIDRs = node.Spec?.PodCIDRs },
            Status = new V1NodeStatus { Addresses = node.Status?.Addresses, Capacity = node.Status?.Capacity },
        };
    }

    private static V1Pod SlimPod(JsonElement element)
    {
        var pod = KubernetesJson.Deserialize<V1Pod>(element);
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                OwnerReferences = pod.Metadata.OwnerReferences,
            },
            Spec = new V1PodSpec
            {
                HostNetwork = pod.Spec?.HostNetwork,
                Containers = WithPorts(pod.Spec?.Containers),
                InitContainers = WithPorts(pod.Spec?.InitContainers),
            },
            Status = new V1PodStatus
            {
                Phase = pod.Status?.Phase,
                PodIP = pod.Status?.PodIP,
                PodIPs = pod.Status?.PodIPs,
            },
        };
    }

    private static List<V1Container>? WithPorts(IList<V1Container>? containers) => containers?
        .Where(container => container?.Ports is { Count: > 0 })
        .Select(container => new V1Container { Ports = container.Ports })
        .ToList();

    /// <summary>A ServiceCIDR.</summary>
    private sealed record ServiceRange(IReadOnlyList<AddressRange> Ranges)
    {
        public static ServiceRange Read(JsonElement element) => new(
            element.TryGetProperty("spec", out var spec) && spec.TryGetProperty("cidrs", out var ranges)
                ?
                [
                    .. ranges.EnumerateArray()
                        .Select(item => AddressRange.TryParseMasked(item.GetString() ?? "", out var range, out _)
                            ? range
                            : null)
                        .OfType<AddressRange>(),
                ]
                : []);
    }
}
