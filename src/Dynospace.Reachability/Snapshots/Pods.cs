using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Dynospace.Reachability.Addresses;
using k8s.Models;

namespace Dynospace.Reachability.Snapshots;

/// <summary>A pod with the policies that select it, which isolate it unless it is on the host network.</summary>
public sealed record CompiledPod
{
    /// <summary>The namespace with the labels that policies match.</summary>
    public required CompiledNamespace Namespace { get; init; }

    /// <summary>Unique in its namespace.</summary>
    public required string Name { get; init; }

    /// <summary>The labels that policies and Services match.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Null until it is scheduled.</summary>
    public required string? NodeName { get; init; }

    /// <summary>Whether it uses its node's addresses, so that policies do not apply to it.</summary>
    public required bool OnHostNetwork { get; init; }

    /// <summary>In phase Succeeded or Failed: its address may be another pod's by now.</summary>
    public required bool HasEnded { get; init; }

    /// <summary>Empty until the pod's sandbox runs.</summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Those of all its containers.</summary>
    public required ImmutableArray<NamedPort> NamedPorts { get; init; }

    /// <summary>Ports of the node that stand for ports of the pod.</summary>
    public required ImmutableArray<(TransportPort Outer, TransportPort Inner)> HostPorts { get; init; }

    /// <summary>The policies that isolate it for connections to it.</summary>
    public required ImmutableArray<CompiledPolicy> IngressPolicies { get; init; }

    /// <summary>The policies that isolate it for connections from it.</summary>
    public required ImmutableArray<CompiledPolicy> EgressPolicies { get; init; }

    /// <summary>Namespace and name.</summary>
    public PodEndpoint Endpoint => new(Namespace.Name, Name);

    /// <summary>The policies that isolate it in one direction.</summary>
    public ImmutableArray<CompiledPolicy> Policies(PolicyDirection direction) =>
        direction == PolicyDirection.Ingress ? IngressPolicies : EgressPolicies;
}

/// <summary>A port that a container gives a name.</summary>
public sealed record NamedPort(string Name, TransportPort Port);

/// <summary>Where a port of a node leads.</summary>
public sealed record HostPort(NetworkEnd End, TransportPort Port);

/// <summary>A pod and how it looks to the network.</summary>
public sealed record SnapshotPod(CompiledPod Pod, NetworkEnd End);

/// <summary>An end of a connection as policies see it.</summary>
/// <param name="Display">How verdicts name it.</param>
/// <param name="Pod">The pod, where policies apply to it: null for one on the host network, which is its node to the
/// network.</param>
/// <param name="NodeName">The node that the pod runs on, or that the end is.</param>
/// <param name="IsNode">Whether it is a node or looks like one.</param>
/// <param name="Addresses">The addresses it uses, at least one.</param>
/// <param name="HasEnded">Whether it is a pod that has ended.</param>
public sealed record NetworkEnd(
    string Display,
    CompiledPod? Pod,
    string? NodeName,
    bool IsNode,
    ImmutableArray<AddressCandidate> Addresses,
    bool HasEnded = false)
{
    /// <summary>Whether it is the node that the pod runs on, whose connections no policy can deny.</summary>
    public bool IsNodeOf(CompiledPod pod) => IsNode && NodeName is not null && NodeName == pod.NodeName;
}

/// <summary>
/// An address that an end uses. Where it is not known yet, all those it may get: a block that holds one of them may
/// admit the end, and what may be admitted must not count as denied.
/// </summary>
public sealed record AddressCandidate(AddressFamily Family, CidrSet Possible)
{
    private static readonly CidrSet AllIPv4 = CidrSet.FromRanges(AddressRange.EveryIPv4);
    private static readonly CidrSet Loopback = CidrSet.FromRanges(
        AddressRange.Parse("127.0.0.0/8"), AddressRange.Parse("::1/128"));
    private static readonly CidrSet AllIPv6 = CidrSet.FromRanges(AddressRange.EveryIPv6);

    /// <summary>Whether it never leaves the network namespace it is used in.</summary>
    public bool IsLoopback => Loopback.Contains(Possible);

    /// <summary>The candidate of an end that has its address.</summary>
    public static AddressCandidate Known(IPAddress address)
    {
        var range = AddressRange.FromAddress(address);
        return new(range.Family, CidrSet.FromRanges(range));
    }

    /// <summary>
    /// The known addresses; without any, one candidate a family of <paramref name="possible"/>; empty is anything.
    /// </summary>
    public static ImmutableArray<AddressCandidate> For(ImmutableArray<IPAddress> known, CidrSet possible)
    {
        if (!known.IsEmpty)
        {
            return [.. known.Select(Known)];
        }

        var pool = possible.IsEmpty ? CidrSet.Everything : possible;
        AddressCandidate[] families =
        [
            new(AddressFamily.InterNetwork, pool.Intersect(AllIPv4)),
            new(AddressFamily.InterNetworkV6, pool.Intersect(AllIPv6)),
        ];
        return [.. families.Where(candidate => !candidate.Possible.IsEmpty)];
    }
}

/// <summary>A namespace and its labels, <c>kubernetes.io/metadata.name</c> included.</summary>
public sealed record CompiledNamespace(string Name, IReadOnlyDictionary<string, string> Labels)
{
    private const string NameLabel = "kubernetes.io/metadata.name";

    /// <summary>
    /// The API server sets the name label on every namespace for good, so a manifest's own value counts for nothing.
    /// </summary>
    public static CompiledNamespace Create(string name, IDictionary<string, string>? labels) => new(
        name,
        new Dictionary<string, string>(labels ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            [NameLabel] = name,
        });
}

/// <summary>Reads of a pod what the network sees.</summary>
public static class PodCompiler
{
    /// <summary>Reads a pod; an invalid field is an <see cref="InvalidObjectException"/>.</summary>
    public static CompiledPod Compile(
        V1Pod pod, CompiledNamespace @namespace, ImmutableArray<CompiledPolicy> namespacePolicies)
    {
        var root = ObjectField.RootOf(V1Pod.KubeKind, pod.Metadata, namespaced: true);
        var labels = new Dictionary<string, string>(
            pod.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        var policies = namespacePolicies.Where(policy => policy.Pods.Matches(labels)).ToArray();
        return new()
        {
            Namespace = @namespace,
            Name = pod.Metadata.Name,
            Labels = labels,
            NodeName = string.IsNullOrEmpty(pod.Spec?.NodeName) ? null : pod.Spec.NodeName,
            OnHostNetwork = pod.Spec?.HostNetwork == true,
            HasEnded = pod.Status?.Phase is "Succeeded" or "Failed",
            Addresses = Addresses(pod.Status, root.Child("status")),
            NamedPorts = [.. NamedPorts(pod.Spec, root.Child("spec"))],
            HostPorts = [.. HostPorts(pod.Spec, root.Child("spec"))],
            IngressPolicies = [.. policies.Where(policy => policy.Ingress is not null)],
            EgressPolicies = [.. policies.Where(policy => policy.Egress is not null)],
        };
    }

    private static ImmutableArray<IPAddress> Addresses(V1PodStatus? status, ObjectField field)
    {
        if (status?.PodIPs is { Count: > 0 } several)
        {
            return [.. several.Select((ip, index) => field.Child("podIPs").Item(index).Child("ip").Address(ip?.Ip))];
        }

        return string.IsNullOrEmpty(status?.PodIP) ? [] : [field.Child("podIP").Address(status.PodIP)];
    }

    /// <summary>One that is bound to loopback is for the node alone.</summary>
    private static IEnumerable<(TransportPort Outer, TransportPort Inner)> HostPorts(
        V1PodSpec? spec, ObjectField field) =>
        from port in Ports(spec, field)
        where port.Value.HostPort is { } and not 0 && port.Value.HostIP is not ("127.0.0.1" or "::1")
        let protocol = port.Field.Child("protocol").Protocol(port.Value.Protocol)
        select (
            port.Field.Child("hostPort").Port(protocol, port.Value.HostPort!.Value),
            port.Field.Child("containerPort").Port(protocol, port.Value.ContainerPort));

    private static IEnumerable<NamedPort> NamedPorts(V1PodSpec? spec, ObjectField field) =>
        from port in Ports(spec, field)
        where !string.IsNullOrEmpty(port.Value.Name)
        let protocol = port.Field.Child("protocol").Protocol(port.Value.Protocol)
        select new NamedPort(
            port.Value.Name, port.Field.Child("containerPort").Port(protocol, port.Value.ContainerPort));

    /// <summary>
    /// Init containers that keep running serve like any other; those that end before the pod starts do not.
    /// </summary>
    private static IEnumerable<(V1ContainerPort Value, ObjectField Field)> Ports(V1PodSpec? spec, ObjectField field)
    {
        var containers =
            (spec?.Containers
                ?? []).Select((container, index) => (container, Field: field.Child("containers").Item(index)));
        var sidecars = (spec?.InitContainers ?? [])
            .Select((container, index) => (container, Field: field.Child("initContainers").Item(index)))
            .Where(item => item.container?.RestartPolicy == "Always");
        return from item in containers.Concat(sidecars)
               from port in (item.container?.Ports ?? [])
                   .Select((port, index) => (Value: port, Field: item.Field.Child("ports").Item(index)))
               where port.Value is not null
               select port;
    }
}
