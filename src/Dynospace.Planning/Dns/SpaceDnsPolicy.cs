using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Dns;

/// <summary>The DNS that the dynos of a space query.</summary>
/// <param name="Own">The space's own DNS; null if it has none.</param>
/// <param name="OwnAddresses">The addresses of its Service.</param>
/// <param name="IsClusterAsked">Whether a dyno queries the cluster's DNS.</param>
public sealed record DnsInUse(SpaceDnsIdentity? Own, IReadOnlyList<string> OwnAddresses, bool IsClusterAsked);

/// <summary>Which connections a space's DNS accepts and opens.</summary>
public static class SpaceDnsPolicy
{
    /// <summary>
    /// The policy of its pods. Ingress: only the dynos of the space. Egress: the cluster's DNS and the API server.
    /// Probes need no rule, since nodes always reach their own pods.
    /// </summary>
    public static V1NetworkPolicy OfPods(SpaceDnsIdentity dns, ClusterFacts cluster, PlatformOptions options) =>
        new()
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = dns.Metadata(options),
            Spec = new()
            {
                PodSelector = new() { MatchLabels = dns.Selector() },
                PolicyTypes = ["Ingress", "Egress"],
                Ingress =
                [
                    new()
                    {
                        FromProperty =
                        [
                            new()
                            {
                                NamespaceSelector = Selectors.NamespaceOfSpace(dns.Space),
                                PodSelector = Selectors.Dynos,
                            },
                        ],
                        Ports = Ports.Dns([SpaceDnsPorts.Dns]),
                    },
                ],
                Egress = [ClusterPeers.Dns(cluster, options), .. ClusterPeers.ApiServer(cluster)],
            },
        };

    /// <summary>Lets dynos connect to its pods and its Service.</summary>
    public static V1NetworkPolicyEgressRule FromDynos(
        SpaceDnsIdentity dns, IReadOnlyList<string> addresses, PlatformOptions options) =>
        new()
        {
            To =
            [
                new()
                {
                    NamespaceSelector = Selectors.Namespace(options.Cluster.SystemNamespace),
                    PodSelector = new() { MatchLabels = dns.Selector() },
                },
                .. ClusterPeers.Addresses(addresses),
            ],
            Ports = Ports.Dns([SpaceDnsPorts.Public, SpaceDnsPorts.Dns]),
        };
}
