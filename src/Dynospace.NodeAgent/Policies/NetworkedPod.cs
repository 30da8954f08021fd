using System.Collections.Immutable;
using System.Net;
using Dynospace.Reachability;
using Dynospace.Reachability.Snapshots;
using Dynospace.Runtime;
using k8s.Models;

namespace Dynospace.NodeAgent.Policies;

/// <summary>A pod with its own network and addresses.</summary>
internal sealed record NetworkedPod(
    ObjectKey Key,
    bool IsLocal,
    IReadOnlyDictionary<string, string> Labels,
    ImmutableArray<IPAddress> Addresses,
    ImmutableArray<NamedPort> NamedPorts,
    bool IsTerminating,
    DateTime Created)
{
    /// <summary>
    /// The relevant part of a pod; null if it has ended, has no address yet, or uses the host network, where it has the
    /// node's identity.
    /// </summary>
    /// <param name="node">The name of this node.</param>
    /// <param name="problem">Why a part of the pod cannot be interpreted; null if all can.</param>
    public static NetworkedPod? FromPod(V1Pod pod, string node, out InvalidObjectException? problem)
    {
        problem = null;
        var @namespace = CompiledNamespace.Create(pod.Metadata.NamespaceProperty, null);
        CompiledPod compiled;
        try
        {
            compiled = PodCompiler.Compile(pod, @namespace, []);
        }
        catch (InvalidObjectException e)
        {
            problem = e;
            if (WithoutPorts(pod, @namespace) is not { } rest)
            {
                return null;
            }

            compiled = rest;
        }

        return compiled.OnHostNetwork || compiled.HasEnded || compiled.Addresses.IsEmpty
            ? null
            : new(
                new ObjectKey(compiled.Namespace.Name, compiled.Name),
                compiled.NodeName == node,
                compiled.Labels,
                compiled.Addresses,
                compiled.NamedPorts,
                pod.Metadata.DeletionTimestamp is not null,
                pod.Metadata.CreationTimestamp ?? default);
    }

    /// <summary>
    /// Whether this pod has precedence for an address that another pod also claims: the kubelet may reuse the address
    /// of a pod that ends before it reports its end.
    /// </summary>
    public bool Precedes(NetworkedPod other) =>
        (!IsTerminating, Created, other.Key.ToString()).CompareTo(
            (!other.IsTerminating, other.Created, Key.ToString())) > 0;

    public bool Equals(NetworkedPod? other) =>
        other is not null
        && Key == other.Key
        && IsLocal == other.IsLocal
        && IsTerminating == other.IsTerminating
        && Created == other.Created
        && Addresses.SequenceEqual(other.Addresses)
        && NamedPorts.SequenceEqual(other.NamedPorts)
        && Labels.Count == other.Labels.Count
        && Labels.All(label => other.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    public override int GetHashCode() => Key.GetHashCode();

    /// <summary>A pod with invalid ports must not remain without isolation.</summary>
    private static CompiledPod? WithoutPorts(V1Pod pod, CompiledNamespace @namespace)
    {
        try
        {
            return PodCompiler.Compile(
                new V1Pod
                {
                    Metadata = pod.Metadata,
                    Spec = new V1PodSpec { NodeName = pod.Spec?.NodeName, HostNetwork = pod.Spec?.HostNetwork },
                    Status = pod.Status,
                },
                @namespace,
                []);
        }
        catch (InvalidObjectException)
        {
            return null;
        }
    }
}
