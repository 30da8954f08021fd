using Dynospace.Reachability.Evaluation;
using Dynospace.Reachability.Snapshots;
using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Fixtures;

/// <summary>
/// A cluster in a few lines. Labels are written <c>app=web,tier=a</c>, endpoints <c>ns/pod</c>, <c>node:n1</c>,
/// <c>svc:ns/name</c> or an address.
/// </summary>
internal sealed class TestCluster
{
    private readonly List<IKubernetesObject> _objects = [];

    public IReadOnlyList<IKubernetesObject> Objects => _objects;

    public EvaluationOptions Options { get; init; } = EvaluationOptions.Default;

    public TestCluster Namespace(string name, string labels = "") =>
        Add(new V1Namespace { Metadata = new() { Name = name, Labels = Labels(labels) } });

    public TestCluster Node(string name, params string[] addresses) => Add(new V1Node
    {
        Metadata = new() { Name = name },
        Status = new()
        {
            Addresses = [.. addresses.Select(ip => new V1NodeAddress { Type = "InternalIP", Address = ip })],
        },
    });

    public TestCluster Pod(
        string name,
        string labels = "",
        string? ip = null,
        string? node = null,
        string ports = "",
        bool hostNetwork = false,
        string phase = "Running") => Add(new V1Pod
        {
            Metadata = Meta(name, labels),
            Spec = new()
            {
                NodeName = node,
                HostNetwork = hostNetwork,
                Containers = [new() { Name = "main", Ports = Ports(ports) }],
            },
            Status = new()
            {
                Phase = phase,
                PodIPs = ip?.Split(',').Select(address => new V1PodIP { Ip = address }).ToList(),
            },
        });

    /// <param name="spec">The policy's spec in YAML.</param>
    public TestCluster Policy(string name, string spec) => Add(new V1NetworkPolicy
    {
        Metadata = Meta(name),
        Spec = KubernetesYaml.Deserialize<V1NetworkPolicySpec>(spec),
    });

    /// <param name="spec">The service's spec in YAML.</param>
    public TestCluster Service(string name, string spec) => Add(new V1Service
    {
        Metadata = Meta(name),
        Spec = KubernetesYaml.Deserialize<V1ServiceSpec>(spec),
    });

    public TestCluster Add(IKubernetesObject item)
    {
        _objects.Add(item);
        return this;
    }

    public ReachabilityEvaluator Evaluator() => new(ClusterSnapshot.From(_objects), Options);

    public Verdict Ask(string source, string target, string port = "80")
    {
        Assert.True(TransportPort.TryParse(port, out var parsed), port);
        return Evaluator().Evaluate(End(source), End(target), parsed);
    }

    public bool Allows(string source, string target, string port = "80") => Ask(source, target, port).Allowed;

    public static Endpoint End(string text)
    {
        var parts = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('/');
        return text switch
        {
            _ when text.StartsWith("node:", StringComparison.Ordinal) => Endpoint.Node(parts[0]),
            _ when text.StartsWith("svc:", StringComparison.Ordinal) => Endpoint.Service(parts[0], parts[1]),
            _ when text.Contains('/', StringComparison.Ordinal) => Endpoint.Pod(parts[0], parts[1]),
            _ => Endpoint.At(text),
        };
    }

    public static V1ObjectMeta Meta(string name, string labels = "")
    {
        var parts = name.Split('/');
        return new() { NamespaceProperty = parts[0], Name = parts[1], Labels = Labels(labels) };
    }

    public static Dictionary<string, string>? Labels(string labels) => labels.Length == 0
        ? null
        : labels.Split(',').Select(label => label.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    private static List<V1ContainerPort>? Ports(string ports) => ports.Length == 0
        ? null
        : [.. ports.Split(',').Select(port => port.Split('=')).Select(pair =>
        {
            Assert.True(TransportPort.TryParse(pair[1], out var parsed), pair[1]);
            return new V1ContainerPort
            {
                Name = pair[0],
                ContainerPort = parsed.Number,
                Protocol = parsed.Protocol.ToString().ToUpperInvariant(),
            };
        })];
}
