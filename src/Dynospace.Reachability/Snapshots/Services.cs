using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using k8s.Models;

namespace Dynospace.Reachability.Snapshots;

/// <summary>A service: what it listens on and who is behind it.</summary>
public sealed record CompiledService
{
    /// <summary>Namespace and name.</summary>
    public required ServiceEndpoint Endpoint { get; init; }

    /// <summary>
    /// Without an address of its own: its name resolves to its pods, whose own ports are connected to.
    /// </summary>
    public required bool IsHeadless { get; init; }

    /// <summary>For a service that is only an alias for a DNS name.</summary>
    public required string? ExternalName { get; init; }

    /// <summary>Addresses that belong to the service alone: on a port without a listener nothing answers.</summary>
    public required ImmutableArray<IPAddress> ClusterAddresses { get; init; }

    /// <summary>
    /// External and load balancer addresses, which others may have too: only the service's ports are translated.
    /// </summary>
    public required ImmutableArray<IPAddress> SharedAddresses { get; init; }

    /// <summary>Whether a node port leads to the backends on its own node alone.</summary>
    public required bool IsLocal { get; init; }

    /// <summary>What it listens on, and the ports of its pods behind each.</summary>
    public required ImmutableArray<ServicePort> Ports { get; init; }

    /// <summary>Null for a service whose backends are written by hand.</summary>
    public required CompiledSelector? Selector { get; init; }

    /// <summary>
    /// When there are any they count, since they are what the proxy programs; without them the selector does.
    /// </summary>
    public required ImmutableArray<CompiledSlice> Slices { get; init; }
}

/// <summary>A port of a service and what it is mapped to: a number, or the name of a pod's port.</summary>
public sealed record ServicePort(string Name, TransportPort Port, int TargetNumber, string? TargetName)
{
    /// <summary>The port of every node that stands for it; null for none.</summary>
    public TransportPort? NodePort { get; init; }

    /// <summary>The port on this pod; null where the pod has none of the name.</summary>
    public TransportPort? On(CompiledPod pod) => TargetName is null
        ? new TransportPort(Port.Protocol, TargetNumber)
        : pod.NamedPorts.FirstOrDefault(named => named.Name == TargetName
            && named.Port.Protocol == Port.Protocol)?.Port;
}

/// <summary>An EndpointSlice: addresses that all serve the same ports.</summary>
public sealed record CompiledSlice(ImmutableArray<SlicePort> Ports, ImmutableArray<SliceBackend> Backends);

/// <summary>A port of a slice, tied to the service's port of the same name. No number is every port.</summary>
public sealed record SlicePort(string Name, TransportProtocol Protocol, int? Number);

/// <summary>One endpoint of a slice; <paramref name="Pod"/> where it names one.</summary>
public sealed record SliceBackend(PodEndpoint? Pod, ImmutableArray<IPAddress> Addresses);

/// <summary>Reads services and their slices.</summary>
internal static class ServiceCompiler
{
    private const string Headless = "None";

    public static CompiledService Compile(V1Service service, ImmutableArray<CompiledSlice> slices)
    {
        var root = ObjectField.RootOf(V1Service.KubeKind, service.Metadata, namespaced: true);
        var (spec, field) = (service.Spec, root.Child("spec"));
        return new()
        {
            Endpoint = new(ObjectField.NamespaceOf(service.Metadata), service.Metadata.Name),
            IsHeadless = spec?.ClusterIP == Headless,
            ExternalName = spec?.Type == "ExternalName" ? spec.ExternalName ?? string.Empty : null,
            ClusterAddresses = [.. ClusterAddresses(service, root).Distinct()],
            SharedAddresses = [.. SharedAddresses(service, root).Distinct()],
            IsLocal = spec?.ExternalTrafficPolicy == "Local",
            Ports = [.. (spec?.Ports ?? []).Select((port, index) => Port(port, field.Child("ports").Item(index)))],
            Selector = spec?.Selector is { Count: > 0 } selector ? CompiledSelector.Compile(selector) : null,
            Slices = slices,
        };
    }

    public static CompiledSlice Compile(V1EndpointSlice slice)
    {
        var root = ObjectField.RootOf(V1EndpointSlice.KubeKind, slice.Metadata, namespaced: true);
        var (ports, endpoints) = (root.Child("ports"), root.Child("endpoints"));
        return new(
            // The API server accepts any number here; one outside 1 to 65535 reaches nothing.
            [.. (slice.Ports ?? []).Select((port, index) => new SlicePort(
                port.Name ?? string.Empty,
                ports.Item(index).Child("protocol").Protocol(port.Protocol),
                port.Port))
                    .Where(port => port.Number is null or (>= TransportPort.Lowest and <= TransportPort.Highest))],
            slice.AddressType == "FQDN"
                ? []
                : [.. (slice.Endpoints ?? []).Select((endpoint, index) => new SliceBackend(
                    endpoint.TargetRef is { Kind: V1Pod.KubeKind, Name: { } pod }
                        ? new(endpoint.TargetRef.NamespaceProperty ?? ObjectField.NamespaceOf(slice.Metadata), pod)
                        : null,
                    [.. (endpoint.Addresses ?? []).Select((address, at) =>
                        endpoints.Item(index).Child("addresses").Item(at).Address(address))]))]);
    }

    private static IEnumerable<IPAddress> ClusterAddresses(V1Service service, ObjectField root)
    {
        var (spec, field) = (service.Spec, root.Child("spec"));
        var cluster = spec?.ClusterIPs is { Count: > 0 } several
            ? several.Select((text, index) => (Text: text, Field: field.Child("clusterIPs").Item(index)))
            : [(Text: spec?.ClusterIP ?? string.Empty, Field: field.Child("clusterIP"))];
        return Parsed(cluster);
    }

    private static IEnumerable<IPAddress> SharedAddresses(V1Service service, ObjectField root)
    {
        var (spec, field) = (service.Spec, root.Child("spec"));
        var external =
            (spec?.ExternalIPs
                ?? []).Select((text, index) => (Text: text, Field: field.Child("externalIPs").Item(index)));
        var balancer = (service.Status?.LoadBalancer?.Ingress ?? [])
            .Select(
                (ingress, index) => (Text: ingress.Ip, Field: root.Child("status.loadBalancer.ingress")
                    .Item(index)
                    .Child("ip")));
        return Parsed(external.Concat(balancer));
    }

    private static IEnumerable<IPAddress> Parsed(IEnumerable<(string Text, ObjectField Field)> items) => items
        .Where(item => !string.IsNullOrEmpty(item.Text) && item.Text != Headless)
        .Select(item => item.Field.Address(item.Text));

    private static ServicePort Port(V1ServicePort port, ObjectField field)
    {
        var protocol = field.Child("protocol").Protocol(port.Protocol);
        return Target(port, field, protocol) with
        {
            NodePort = port.NodePort is { } node and not 0 ? field.Child("nodePort").Port(protocol, node) : null,
        };
    }

    private static ServicePort Target(V1ServicePort port, ObjectField field, TransportProtocol protocol)
    {
        var own = field.Child("port").Port(protocol, port.Port);
        var target = port.TargetPort?.Value;
        if (string.IsNullOrEmpty(target) || target == "0")
        {
            return new(port.Name ?? string.Empty, own, own.Number, null);
        }

        return int.TryParse(target, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new(port.Name ?? string.Empty, own, field.Child("targetPort").Port(protocol, number).Number, null)
            : new(port.Name ?? string.Empty, own, 0, target);
    }
}
