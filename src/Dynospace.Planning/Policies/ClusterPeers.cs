using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using k8s.Models;

namespace Dynospace.Planning.Policies;

/// <summary>
/// Rules for services of the cluster: by pod, by Service and by endpoint, since networks apply policies before or after
/// address translation.
/// </summary>
public static class ClusterPeers
{
    /// <summary>The cluster's DNS, including its address on each node.</summary>
    public static V1NetworkPolicyEgressRule Dns(ClusterFacts cluster, PlatformOptions options)
    {
        var addresses = cluster.DnsServiceAddresses.Concat(options.Dns.NodeLocalAddresses);
        IReadOnlyList<DnsServer> found = cluster.DnsServers.Count > 0
            ? cluster.DnsServers
            : [new(options.Dns.Namespace, options.Dns.PodLabels, options.Dns.Ports)];
        List<V1NetworkPolicyPeer> servers =
        [
            .. found.Select(server => new V1NetworkPolicyPeer
            {
                NamespaceSelector = Selectors.Namespace(server.Namespace),
                PodSelector = Selectors.Pods(server.PodLabels),
            }),
            .. Addresses(addresses),
        ];
        // Clients use the Service's port. A network that applies policies after translation sees the pods' port.
        var ports = Ports.Dns(options.Dns.Ports.Concat(found.SelectMany(server => server.Ports)));
        return new() { To = servers, Ports = ports };
    }

    /// <summary>The API server.</summary>
    public static IEnumerable<V1NetworkPolicyEgressRule> ApiServer(ClusterFacts cluster) =>
        cluster.ApiServer
            .Where(way => AddressCover.IsUsable(way.Address))
            .GroupBy(way => way.Port)
            .OrderBy(ways => ways.Key)
            .Select(ways => new V1NetworkPolicyEgressRule
            {
                To = [.. Addresses(ways.Select(way => way.Address))],
                Ports = Ports.TcpOnly([ways.Key]),
            });

    /// <summary>Each usable address once, in order.</summary>
    public static IEnumerable<V1NetworkPolicyPeer> Addresses(IEnumerable<string> addresses) =>
        addresses
            .Select(text => AddressBlock.TryParseObserved(text, out var block) ? block : (AddressBlock?)null)
            .OfType<AddressBlock>()
            .Distinct()
            .Order(AddressBlock.Ascending)
            .Select(AddressRules.Peer);
}
