using System.Globalization;
using System.Net;
using CsCheck;
using Dynospace.Reachability.Addresses;
using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Laws;

/// <summary>
/// Small clusters in which everything that policies can distinguish is likely to occur: few label values, few ports and
/// a crowded
/// /27 per address family, so that rules often match.
/// </summary>
internal sealed record RandomCluster(V1Namespace[] Namespaces, V1Node[] Nodes, V1Pod[] Pods, V1NetworkPolicy[] Policies)
{
    /// <summary>Where pods that have no address get theirs.</summary>
    private const string Pool4 = "10.0.0.24/29";
    private const string Pool6 = "fd00::18/125";

    private static readonly string[] NamespaceNames = ["x", "y", "z"];

    public static readonly Gen<Dictionary<string, string>> Labels = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2])
        .Select((a, b) =>
        {
            var labels = new Dictionary<string, string>();
            if (a > 0)
            {
                labels["a"] = $"{a}";
            }

            if (b > 0)
            {
                labels["b"] = $"{b}";
            }

            return labels;
        });

    private static readonly Gen<V1LabelSelector> Selectors =
        Gen.Select(Gen.Int[0, 5], Labels, Expressions().Array[0, 2]).Select(
            (kind, labels, expressions) => kind switch
            {
                0 or 1 => new V1LabelSelector(),
                2 or 3 => new V1LabelSelector { MatchLabels = labels },
                4 => new V1LabelSelector { MatchExpressions = expressions },
                _ => new V1LabelSelector { MatchLabels = labels, MatchExpressions = expressions },
            });

    private static readonly Gen<V1IPBlock> Blocks =
        Gen.Select(Gen.Bool, Gen.Int[0, 31], Gen.Int[0, 4], Gen.Int[0, 31].Array[0, 2]).Select(
            (v6, host, bits, except) => new V1IPBlock
            {
                Cidr = Cidr(v6, host, bits + 1),
                Except = [.. except.Select(inner => Cidr(v6, Inside(host, bits + 1, inner), bits / 2)).Distinct()],
            });

    private static readonly Gen<V1NetworkPolicyPeer> Peers = Gen.Select(Gen.Int[0, 3], Selectors, Selectors, Blocks)
        .Select(
            (kind, pods, namespaces, block) => kind switch
            {
                0 => new V1NetworkPolicyPeer { PodSelector = pods },
                1 => new V1NetworkPolicyPeer { NamespaceSelector = namespaces },
                2 => new V1NetworkPolicyPeer { PodSelector = pods, NamespaceSelector = namespaces },
                _ => new V1NetworkPolicyPeer { IpBlock = block },
            });

    private static readonly Gen<V1NetworkPolicyPort> Ports =
        Gen.Select(OneOf<string?>(null, "TCP", "UDP", "SCTP"), Gen.Int[0, 4], Gen.Int[79, 82], Gen.Int[0, 2]).Select(
            (protocol, kind, port, more) => kind switch
            {
                0 => new V1NetworkPolicyPort { Protocol = protocol! },
                1 => new V1NetworkPolicyPort { Protocol = protocol!, Port = port, EndPort = port + more },
                2 => new V1NetworkPolicyPort { Protocol = protocol!, Port = more == 0 ? "web" : "api" },
                _ => new V1NetworkPolicyPort { Protocol = protocol!, Port = port },
            });

    private static readonly Gen<(IList<V1NetworkPolicyPeer>? Peers, IList<V1NetworkPolicyPort>? Ports)[]> Rules =
        Gen.Select(Maybe(Peers), Maybe(Ports)).Array[0, 2];

    public static readonly Gen<V1NetworkPolicy> Policy =
        Gen.Select(OneOf(NamespaceNames), Selectors, Gen.Int[0, 4], Rules, Rules).Select(
            (@namespace, selector, types, ingress, egress) => new V1NetworkPolicy
            {
                Metadata = new() { NamespaceProperty = @namespace, Name = "added" },
                Spec = new()
                {
                    PodSelector = selector,
                    PolicyTypes = types switch
                    {
                        0 =>
                        null,
                        1 => [],
                        2 => ["Ingress"],
                        3 => ["Egress"],
                        _ => ["Ingress", "Egress"]
                    },
                    Ingress =
                    [
                        .. ingress.Select(
                            rule => new V1NetworkPolicyIngressRule { FromProperty = rule.Peers, Ports = rule.Ports }),
                    ],
                    Egress =
                    [
                        .. egress.Select(rule => new V1NetworkPolicyEgressRule { To = rule.Peers, Ports = rule.Ports }),
                    ],
                },
            });

    public static readonly Gen<V1Pod> Pod =
        Gen.Select(OneOf(NamespaceNames), Labels, OneOf<string?>("n1", "n2", null), Gen.Int[0, 11], Gen.Int[79, 82])
            .Select(
                (@namespace, labels, node, kind, web) => new V1Pod
                {
                    Metadata = new() { NamespaceProperty = @namespace, Name = "added", Labels = labels },
                    Spec = new()
                    {
                        NodeName = kind == 0 ? node ?? "n1" : node,
                        HostNetwork = kind == 0,
                        Containers =
                        [
                            new()
                            {
                                Name = "c",
                                Ports =
                                [
                                    new() { Name = "web", ContainerPort = web },
                                    new() { Name = "api", ContainerPort = web + 1, Protocol = "UDP" },
                                ],
                            },
                        ],
                    },
                    Status = new()
                    {
                        Phase = kind == 1 ? "Succeeded" : "Running",
                        PodIP = kind.ToString(CultureInfo.InvariantCulture),
                    },
                });

    public static readonly Gen<RandomCluster> Clusters =
        Gen.Select(Labels.Array[3], Pod.Array[2, 6], Policy.Array[0, 5])
            .Select((namespaceLabels, pods, policies) => new RandomCluster(
                [
                    .. NamespaceNames.Zip(
                        namespaceLabels,
                        (name, labels) => new V1Namespace { Metadata = new() { Name = name, Labels = labels } }),
                ],
                [Node("n1", 1), Node("n2", 2)],
                [.. pods.Select((pod, index) => Placed(pod, $"p{index}", 8 + index))],
                [.. policies.Select((policy, index) => Named(policy, $"np{index}"))]));

    public IReadOnlyList<IKubernetesObject> Objects => [.. Namespaces, .. Nodes, .. Pods, .. Policies];

    /// <summary>Every kind of endpoint: pods, nodes, and addresses that nobody of the cluster has.</summary>
    public IReadOnlyList<Endpoint> Endpoints =>
    [
        .. Pods.Select(pod => Endpoint.Pod(pod.Metadata.NamespaceProperty, pod.Metadata.Name)),
        Endpoint.Node("n1"),
        Endpoint.Node("n2"),
        Endpoint.At("10.0.0.4"),
        Endpoint.At("10.0.0.20"),
        Endpoint.At("fd00::14"),
    ];

    public static IReadOnlyList<TransportPort> AskedPorts { get; } =
    [
        TransportPort.Tcp(79), TransportPort.Tcp(80), TransportPort.Tcp(82),
        TransportPort.Udp(80), TransportPort.Udp(81), TransportPort.Sctp(80),
    ];

    public ReachabilityEvaluator Evaluator(EvaluationOptions? options = null) => new(Snapshot(Objects), options);

    public static ClusterSnapshot Snapshot(IEnumerable<IKubernetesObject> objects) =>
        ClusterSnapshot.From(objects, CidrSet.FromRanges(AddressRange.Parse(Pool4), AddressRange.Parse(Pool6)));

    public NaiveEvaluator Naive() => new(
        Objects,
        [
            .. Enumerable.Range(24, 8)
                .SelectMany(host => new[] { IPAddress.Parse(Ip(false, host)), IPAddress.Parse(Ip(true, host)) }),
        ]);

    public IEnumerable<(Endpoint Source, Endpoint Target, TransportPort Port)> Questions() =>
        from source in Endpoints
        from target in Endpoints
        from port in AskedPorts
        select (source, target, port);

    public string Describe() => string.Join("\n---\n", Objects.Select(item => KubernetesYaml.Serialize(item)));

    public static V1NetworkPolicy Named(V1NetworkPolicy policy, string name) =>
        policy with { Metadata = policy.Metadata with { Name = name } };

    /// <summary>Gives the pod its name and, by its drawn kind, IPv4, IPv6, both or no address.</summary>
    public static V1Pod Placed(V1Pod pod, string name, int host)
    {
        var kind = int.Parse(pod.Status.PodIP, CultureInfo.InvariantCulture);
        V1PodIP[] ips = kind switch
        {
            2 or 3 => [],
            4 => [new() { Ip = Ip(true, host) }],
            5 or 6 => [new() { Ip = Ip(false, host) }, new() { Ip = Ip(true, host) }],
            _ => [new() { Ip = Ip(false, host) }],
        };
        return pod with
        {
            Metadata = pod.Metadata with { Name = name },
            Status = new() { Phase = pod.Status.Phase, PodIPs = ips },
        };
    }

    private static V1Node Node(string name, int host) => new()
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Addresses =
            [
                new() { Type = "Hostname", Address = name },
                new() { Type = "InternalIP", Address = Ip(false, host) },
                new() { Type = "InternalIP", Address = Ip(true, host) },
            ],
        },
    };

    private static Gen<V1LabelSelectorRequirement> Expressions() =>
        Gen.Select(OneOf("a", "b"), Gen.Int[0, 3], OneOf("1", "2").Array[1, 2])
            .Select((key, kind, values) => kind switch
            {
                0 => new V1LabelSelectorRequirement { Key = key, OperatorProperty = "In", Values = values },
                1 => new V1LabelSelectorRequirement { Key = key, OperatorProperty = "NotIn", Values = values },
                2 => new V1LabelSelectorRequirement { Key = key, OperatorProperty = "Exists" },
                _ => new V1LabelSelectorRequirement { Key = key, OperatorProperty = "DoesNotExist" },
            });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Gen<IList<T>?> Maybe<T>(Gen<T> items) =>
        Gen.Select(Gen.Int[0, 4], items.Array[1, 2])
            .Select((kind, list) => kind switch { 0 => null, 1 => (IList<T>)[], _ => list });

    private static string Ip(bool v6, int host) => v6 ? $"fd00::{host:x}" : $"10.0.0.{host}";

    /// <summary>An address of the block around <paramref name="host"/> that leaves so many bits free.</summary>
    private static int Inside(int host, int freeBits, int inner) =>
        (host >> freeBits << freeBits) | (inner & ((1 << freeBits) - 1));

    private static string Cidr(bool v6, int host, int freeBits) =>
        $"{Ip(v6, host >> freeBits << freeBits)}/{(v6 ? 128 : 32) - freeBits}";
}
