using System.Collections.Immutable;
using System.Net;
using k8s.Models;

namespace Dynospace.Reachability.Compilation;

/// <summary>Reads of a pod what the network sees.</summary>
internal static class PodCompiler
{
    public static CompiledPod Compile(V1Pod pod, CompiledNamespace @namespace, ImmutableArray<CompiledPolicy> namespacePolicies)
    {
        var root = ObjectField.Of(V1Pod.KubeKind, pod.Metadata, namespaced: true);
        var labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>(), StringComparer.Ordinal);
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

    /// <summary>Init containers that keep running serve like any other; those that end before the pod starts do not.</summary>
    private static IEnumerable<NamedPort> NamedPorts(V1PodSpec? spec, ObjectField field)
    {
        var containers = (spec?.Containers ?? []).Select((container, index) => (container, Field: field.Child("containers").Item(index)));
        var sidecars = (spec?.InitContainers ?? [])
            .Select((container, index) => (container, Field: field.Child("initContainers").Item(index)))
            .Where(item => item.container?.RestartPolicy == "Always");
        return from item in containers.Concat(sidecars)
               from port in (item.container?.Ports ?? [])
                   .Select((port, index) => (Value: port, Field: item.Field.Child("ports").Item(index)))
               where !string.IsNullOrEmpty(port.Value?.Name)
               let protocol = port.Field.Child("protocol").Protocol(port.Value.Protocol)
               select new NamedPort(port.Value.Name, port.Field.Child("containerPort").Port(protocol, port.Value.ContainerPort));
    }
}
