using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Dynospace.Reachability.Addresses;
using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Snapshots;

/// <summary>
/// Turns objects into what the evaluator asks for: policies are compiled once and handed to the pods that they select.
/// </summary>
internal static class SnapshotCompiler
{
    public static SnapshotContent Compile(ObjectInventory objects, CidrSet? podRanges)
    {
        var namespaces = objects.NamespaceNames.ToDictionary(
            name => name,
            name => CompiledNamespace.Create(name, objects.Namespaces.GetValueOrDefault(name)?.Metadata.Labels),
            StringComparer.Ordinal);
        var policies = objects.Policies.Values
            .Select(policy => PolicyCompiler.Compile(policy, namespaces[ObjectField.NamespaceOf(policy.Metadata)]))
            .ToImmutableArray();
        var nodes = objects.Nodes.Values.Select(CompileNode)
            .ToFrozenDictionary(node => node.NodeName!, StringComparer.Ordinal);
        var ranges = podRanges ?? CidrSet.FromRanges(objects.Nodes.Values.SelectMany(PodRanges));
        var pods = CompilePods(objects, namespaces, policies.ToLookup(policy => policy.Namespace.Name), nodes, ranges);
        var services = CompileServices(objects);
        return new()
        {
            Policies = policies,
            Pods = pods.ToFrozenDictionary(pod => pod.Pod.Endpoint),
            PodsByNamespace = pods.GroupBy(pod => pod.Pod.Namespace.Name)
                .ToFrozenDictionary(group => group.Key, group => group.ToImmutableArray(), StringComparer.Ordinal),
            Nodes = nodes,
            Services = services.ToFrozenDictionary(service => service.Endpoint),
            EndsByAddress = EndsByAddress(objects, nodes, pods),
            ServicesByAddress =
                services.SelectMany(service => service.ClusterAddresses.Select(address => (address, service)))
                    .Concat(
                        services.SelectMany(service => service.SharedAddresses.Select(address => (address, service))))
                    .GroupBy(item => item.address, item => item.service)
                    .ToFrozenDictionary(group => group.Key, group => group.Distinct().ToImmutableArray()),
            ServicesByNodePort = services
                .SelectMany(service => service.Ports.Where(port => port.NodePort is not null)
                    .Select(port => (port.NodePort!.Value, service)))
                .DistinctBy(item => item.Value)
                .ToFrozenDictionary(item => item.Value, item => item.service),
            HostPorts = pods.Where(pod => pod.Pod is { NodeName: not null, HasEnded: false, OnHostNetwork: false })
                .SelectMany(
                    pod =>
                        pod.Pod.HostPorts.Select(
                            port => (Key: (pod.Pod.NodeName!, port.Outer), Door: new HostPort(pod.End, port.Inner))))
                .DistinctBy(item => item.Key)
                .ToFrozenDictionary(item => item.Key, item => item.Door),
            PodRanges = ranges,
        };
    }

    /// <summary>Leaves out what cannot be compiled, each object by itself.</summary>
    public static void RemoveUnsound(ObjectInventory objects, Action<InvalidObjectException> skipped)
    {
        Check(objects.Nodes, node => (CompileNode(node), PodRanges(node).Count()));
        Check(objects.Policies, policy => PolicyCompiler.Compile(policy, NamespaceOf(policy.Metadata)));
        Check(objects.Pods, pod => PodCompiler.Compile(pod, NamespaceOf(pod.Metadata), []));
        Check(objects.Services, service => ServiceCompiler.Compile(service, []));
        Check(objects.Slices, ServiceCompiler.Compile);

        static CompiledNamespace NamespaceOf(V1ObjectMeta metadata) =>
            CompiledNamespace.Create(ObjectField.NamespaceOf(metadata), null);

        void Check<T, TCompiled>(SortedDictionary<string, T> items, Func<T, TCompiled> compile)
        {
            foreach (var (name, item) in items.ToList())
            {
                try
                {
                    compile(item);
                }
                catch (InvalidObjectException e)
                {
                    items.Remove(name);
                    skipped(e);
                }
            }
        }
    }

    private static ImmutableArray<SnapshotPod> CompilePods(
        ObjectInventory objects,
        Dictionary<string, CompiledNamespace> namespaces,
        ILookup<string, CompiledPolicy> policies,
        FrozenDictionary<string, NetworkEnd> nodes,
        CidrSet podRanges)
    {
        var perNamespace = namespaces.Keys.ToDictionary(
            name => name, name => policies[name].ToImmutableArray(), StringComparer.Ordinal);
        return
        [
            .. from pod in objects.Pods.Values
               let @namespace = namespaces[ObjectField.NamespaceOf(pod.Metadata)]
               let compiled = PodCompiler.Compile(pod, @namespace, perNamespace[@namespace.Name])
               select new SnapshotPod(
                   compiled, compiled.OnHostNetwork ? HostEnd(compiled, nodes) : PodEnd(compiled, podRanges)),
        ];
    }

    private static NetworkEnd PodEnd(CompiledPod pod, CidrSet podRanges) => new(
        pod.Endpoint.ToString(),
        pod,
        pod.NodeName,
        IsNode: false,
        AddressCandidate.For(pod.Addresses, podRanges),
        pod.HasEnded);

    /// <summary>It opens connections from any address of its node.</summary>
    private static NetworkEnd HostEnd(CompiledPod pod, FrozenDictionary<string, NetworkEnd> nodes)
    {
        var addresses = pod.NodeName is { } name && nodes.TryGetValue(name, out var node)
            ? node.Addresses
            : AddressCandidate.For(pod.Addresses, CidrSet.Everything);
        return new($"{pod.Endpoint} (host network)", null, pod.NodeName, IsNode: true, addresses, pod.HasEnded);
    }

    private static NetworkEnd CompileNode(V1Node node)
    {
        var addresses = NodeAddresses(node).Select(item => item.Address).ToImmutableArray();
        var name = node.Metadata.Name;
        return new($"node {name}", null, name, IsNode: true, AddressCandidate.For(addresses, CidrSet.Everything));
    }

    private static IEnumerable<(IPAddress Address, string Node)> NodeAddresses(V1Node node)
    {
        var field = ObjectField.RootOf(V1Node.KubeKind, node.Metadata, namespaced: false).Child("status.addresses");
        return (node.Status?.Addresses ?? [])
            .Select((item, index) => (item, Field: field.Item(index).Child("address")))
            .Where(entry => entry.item?.Type is "InternalIP" or "ExternalIP")
            .Select(entry => (entry.Field.Address(entry.item.Address), node.Metadata.Name));
    }

    private static IEnumerable<AddressRange> PodRanges(V1Node node)
    {
        var spec = ObjectField.RootOf(V1Node.KubeKind, node.Metadata, namespaced: false).Child("spec");
        return node.Spec?.PodCIDRs is { Count: > 0 } several
            ? several.Select((text, index) => spec.Child("podCIDRs").Item(index).Range(text))
            : string.IsNullOrEmpty(node.Spec?.PodCIDR) ? [] : [spec.Child("podCIDR").Range(node.Spec.PodCIDR)];
    }

    private static ImmutableArray<CompiledService> CompileServices(ObjectInventory objects)
    {
        var slices = objects.Slices.Values
            .Where(slice => slice.Metadata.Labels?.ContainsKey("kubernetes.io/service-name") == true)
            .ToLookup(
                slice => new ServiceEndpoint(
                    ObjectField.NamespaceOf(slice.Metadata), slice.Metadata.Labels["kubernetes.io/service-name"]),
                ServiceCompiler.Compile);
        return
        [
            .. objects.Services.Values.Select(service => ServiceCompiler.Compile(
                service,
                [.. slices[new(ObjectField.NamespaceOf(service.Metadata), service.Metadata.Name)]])),
        ];
    }

    private static FrozenDictionary<IPAddress, NetworkEnd> EndsByAddress(
        ObjectInventory objects, FrozenDictionary<string, NetworkEnd> nodes, ImmutableArray<SnapshotPod> pods)
    {
        var ofNodes = objects.Nodes.Values.SelectMany(NodeAddresses)
            .Select(item => (item.Address, End: nodes[item.Node]));
        var ofPods = pods.Where(pod => !pod.Pod.HasEnded)
            .SelectMany(pod => pod.Pod.Addresses.Select(address => (Address: address, pod.End)));
        return ofNodes.Concat(ofPods)
            .DistinctBy(item => item.Address)
            .ToFrozenDictionary(item => item.Address, item => item.End);
    }
}

/// <summary>
/// The objects that matter to the network, by kind and name. Of two with one name the later counts, as when applied in
/// turn; so manifests behind a live cluster's objects show what applying them would do.
/// </summary>
internal sealed class ObjectInventory
{
    public SortedDictionary<string, V1Namespace> Namespaces { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Node> Nodes { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Pod> Pods { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1NetworkPolicy> Policies { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1Service> Services { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, V1EndpointSlice> Slices { get; } = new(StringComparer.Ordinal);

    /// <summary>Namespaces that an object lives in, listed or not.</summary>
    public IEnumerable<string> NamespaceNames => Namespaces.Keys
        .Concat(Pods.Values.Select(pod => ObjectField.NamespaceOf(pod.Metadata)))
        .Concat(Policies.Values.Select(policy => ObjectField.NamespaceOf(policy.Metadata)))
        .Concat(Services.Values.Select(service => ObjectField.NamespaceOf(service.Metadata)))
        .Distinct(StringComparer.Ordinal);

    public void Add(IKubernetesObject item)
    {
        switch (item)
        {
            case V1Namespace value: Namespaces[NameOf(V1Namespace.KubeKind, value.Metadata, false)] = value; break;
            case V1Node value: Nodes[NameOf(V1Node.KubeKind, value.Metadata, false)] = value; break;
            case V1Pod value: Pods[NameOf(V1Pod.KubeKind, value.Metadata, true)] = value; break;
            case V1NetworkPolicy value: Policies[NameOf(V1NetworkPolicy.KubeKind, value.Metadata, true)] = value; break;
            case V1Service value: Services[NameOf(V1Service.KubeKind, value.Metadata, true)] = value; break;
            case V1EndpointSlice value: Slices[NameOf(V1EndpointSlice.KubeKind, value.Metadata, true)] = value; break;
            case V1NamespaceList list: AddAll(list); break;
            case V1NodeList list: AddAll(list); break;
            case V1PodList list: AddAll(list); break;
            case V1NetworkPolicyList list: AddAll(list); break;
            case V1ServiceList list: AddAll(list); break;
            case V1EndpointSliceList list: AddAll(list); break;
            default: break;
        }
    }

    private void AddAll<T>(IItems<T> list)
        where T : IKubernetesObject
    {
        foreach (var item in list.Items)
        {
            Add(item);
        }
    }

    private static string NameOf(string kind, V1ObjectMeta? metadata, bool namespaced) =>
        ObjectField.RootOf(kind, metadata, namespaced).Name;
}

/// <summary>Where in which object the compiler reads, so that whatever it refuses it can name.</summary>
internal sealed record ObjectField(string Kind, string Name, string Path)
{
    public static ObjectField RootOf(string kind, V1ObjectMeta? metadata, bool namespaced)
    {
        var name = metadata?.Name;
        if (string.IsNullOrEmpty(name))
        {
            throw new InvalidObjectException(
                kind, "without a name", "metadata.name", null, "every object needs a name");
        }

        return new(kind, namespaced ? $"{NamespaceOf(metadata)}/{name}" : name, string.Empty);
    }

    /// <summary>A manifest without a namespace goes to <c>default</c>, as with kubectl.</summary>
    public static string NamespaceOf(V1ObjectMeta? metadata) =>
        string.IsNullOrEmpty(metadata?.NamespaceProperty) ? "default" : metadata.NamespaceProperty;

    public ObjectField Child(string field) => this with { Path = Path.Length == 0 ? field : $"{Path}.{field}" };

    public ObjectField Item(int index) => this with { Path = $"{Path}[{index}]" };

    public InvalidObjectException Invalid(string? value, string problem) => new(Kind, Name, Path, value, problem);

    public TransportProtocol Protocol(string? value) => value switch
    {
        null or "TCP" => TransportProtocol.Tcp,
        "UDP" => TransportProtocol.Udp,
        "SCTP" => TransportProtocol.Sctp,
        _ => throw Invalid(value, "is not a protocol; use TCP, UDP or SCTP"),
    };

    public TransportPort Port(TransportProtocol protocol, int number) =>
        number is >= TransportPort.Lowest and <= TransportPort.Highest
            ? new(protocol, number)
            : throw Invalid(Text(number), $"is not a port; use {TransportPort.Lowest} to {TransportPort.Highest}");

    public IPAddress Address(string? value) =>
        AddressText.TryParse(value, out var address, out var problem)
            ? address
            : throw Invalid(value ?? string.Empty, problem);

    public AddressRange Range(string? value) =>
        AddressRange.TryParseMasked(value, out var range, out var problem)
            ? range
            : throw Invalid(value ?? string.Empty, problem);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
