using System.Globalization;
using System.Net;
using k8s;
using k8s.Models;

namespace Dynospace.Reachability.Tests.Laws;

/// <summary>
/// A second reading of the NetworkPolicy documentation: no index, no compilation, no shared code, each question
/// answered from the raw objects. Slow and plain, so that it can be compared with the text of the specification line by
/// line.
/// </summary>
internal sealed class NaiveEvaluator(IReadOnlyList<IKubernetesObject> objects, IReadOnlyList<IPAddress> unassigned)
{
    public bool Allows(Endpoint source, Endpoint target, TransportPort port)
    {
        var (from, to) = (Pod(source), Pod(target));
        if (Ended(from) || Ended(to))
        {
            return false;
        }

        if (from is not null && ReferenceEquals(from, to))
        {
            return true;
        }

        // Unknown addresses are tried one by one: an answer that one of them would get is an answer that the pod may
        // get.
        return Addresses(source).Any(s => Addresses(target).Any(t =>
            s.AddressFamily == t.AddressFamily
            && Permits(source, s, target, t, port, "Egress")
            && Permits(source, s, target, t, port, "Ingress")));
    }

    private bool Permits(
        Endpoint source,
        IPAddress sourceAddress,
        Endpoint target,
        IPAddress targetAddress,
        TransportPort port,
        string direction)
    {
        var (self, other, otherAddress) = direction == "Egress"
            ? (source, target, targetAddress)
            : (target, source, sourceAddress);
        var pod = Pod(self);
        if (pod is null || pod.Spec.HostNetwork == true)
        {
            return true;
        }

        // "Traffic to and from the node where a Pod is running is always allowed."
        if (NodeOf(other) is { } node && node == pod.Spec.NodeName)
        {
            return true;
        }

        var isolating = objects.OfType<V1NetworkPolicy>()
            .Where(policy => policy.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty)
            .Where(policy => Selects(policy.Spec.PodSelector, pod.Metadata.Labels))
            .Where(policy => Types(policy).Contains(direction))
            .ToList();
        return isolating.Count == 0 || isolating.Any(policy => Rules(policy, direction).Any(rule =>
            (rule.Peers is null
                || rule.Peers.Count == 0
                || rule.Peers.Any(peer => Names(peer, policy, other, otherAddress)))
            && (rule.Ports is null || rule.Ports.Count == 0 || rule.Ports.Any(item => Covers(item, target, port)))));
    }

    private static IEnumerable<string> Types(V1NetworkPolicy policy)
    {
        if (policy.Spec.PolicyTypes is { Count: > 0 } types)
        {
            return types;
        }

        return policy.Spec.Egress is { Count: > 0 } ? ["Ingress", "Egress"] : ["Ingress"];
    }

    private static IEnumerable<(IList<V1NetworkPolicyPeer>? Peers, IList<V1NetworkPolicyPort>? Ports)> Rules(
        V1NetworkPolicy policy, string direction)
    {
        foreach (var rule in direction == "Ingress" ? policy.Spec.Ingress ?? [] : [])
        {
            yield return (rule.FromProperty, rule.Ports);
        }

        foreach (var rule in direction == "Egress" ? policy.Spec.Egress ?? [] : [])
        {
            yield return (rule.To, rule.Ports);
        }
    }

    private bool Names(V1NetworkPolicyPeer peer, V1NetworkPolicy policy, Endpoint other, IPAddress address)
    {
        if (peer.IpBlock is { } block)
        {
            return IPNetwork.Parse(block.Cidr).Contains(address)
                && !(block.Except ?? []).Any(except => IPNetwork.Parse(except).Contains(address));
        }

        if (Pod(other) is not { } pod || pod.Spec.HostNetwork == true)
        {
            return false;
        }

        var rightNamespace = peer.NamespaceSelector is null
            ? pod.Metadata.NamespaceProperty == policy.Metadata.NamespaceProperty
            : Selects(peer.NamespaceSelector, NamespaceLabels(pod.Metadata.NamespaceProperty));
        return rightNamespace && (peer.PodSelector is null || Selects(peer.PodSelector, pod.Metadata.Labels));
    }

    private bool Covers(V1NetworkPolicyPort item, Endpoint target, TransportPort port)
    {
        if ((item.Protocol ?? "TCP") != Text(port.Protocol))
        {
            return false;
        }

        if (item.Port is null)
        {
            return true;
        }

        if (int.TryParse(item.Port.Value, CultureInfo.InvariantCulture, out var number))
        {
            return item.EndPort is { } end ? port.Number >= number && port.Number <= end : port.Number == number;
        }

        return Pod(target) is { } pod && pod.Spec.HostNetwork != true && pod.Spec.Containers
            .SelectMany(container => container.Ports ?? [])
            .Where(named => named.Name == item.Port.Value && named.ContainerPort == port.Number)
            .Any(named => (named.Protocol ?? "TCP") == Text(port.Protocol));
    }

    private static bool Selects(V1LabelSelector selector, IDictionary<string, string>? labels)
    {
        labels ??= new Dictionary<string, string>();
        return (selector.MatchLabels ?? new Dictionary<string, string>())
                .All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value)
            && (selector.MatchExpressions ?? []).All(expression => expression.OperatorProperty switch
            {
                "In" => labels.ContainsKey(expression.Key) && expression.Values.Contains(labels[expression.Key]),
                "NotIn" => !labels.ContainsKey(expression.Key) || !expression.Values.Contains(labels[expression.Key]),
                "Exists" => labels.ContainsKey(expression.Key),
                "DoesNotExist" => !labels.ContainsKey(expression.Key),
                _ => throw new InvalidOperationException(expression.OperatorProperty),
            });
    }

    private Dictionary<string, string> NamespaceLabels(string name) =>
        new(objects.OfType<V1Namespace>().Single(item => item.Metadata.Name == name).Metadata.Labels
            ?? new Dictionary<string, string>())
        {
            ["kubernetes.io/metadata.name"] = name,
        };

    private V1Pod? Pod(Endpoint endpoint) => endpoint is PodEndpoint named
        ? objects.OfType<V1Pod>()
            .Single(pod => pod.Metadata.NamespaceProperty == named.Namespace && pod.Metadata.Name == named.Name)
        : null;

    private string? NodeOf(Endpoint endpoint) => endpoint is NodeEndpoint node ? node.Name
        : Pod(endpoint) is { Spec.HostNetwork: true } host ? host.Spec.NodeName : null;

    private IEnumerable<IPAddress> Addresses(Endpoint endpoint)
    {
        if (endpoint is AddressEndpoint address)
        {
            return [address.Address];
        }

        if (NodeOf(endpoint) is { } name)
        {
            return objects.OfType<V1Node>().Single(node => node.Metadata.Name == name).Status.Addresses
                .Where(item => item.Type == "InternalIP")
                .Select(item => IPAddress.Parse(item.Address));
        }

        return Pod(endpoint)!.Status.PodIPs is { Count: > 0 } known
            ? known.Select(ip => IPAddress.Parse(ip.Ip))
            : unassigned;
    }

    private static bool Ended(V1Pod? pod) => pod?.Status.Phase is "Succeeded" or "Failed";

    private static string Text(TransportProtocol protocol) => protocol.ToString().ToUpperInvariant();
}
