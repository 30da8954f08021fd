using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// Builds the policy of a router's own pods. Ingress of the public listener: from trusted ranges and from dynos of all
/// spaces, which the router checks itself. Ingress of the internal listener: from the space's dynos and peer networks.
/// Egress: to the web dynos that the listener serves, to the router's other pods for their lines, and to the API
/// server. Routers do not use DNS, and probes need no rule, since nodes always reach their own pods.
/// </summary>
internal static class RouterPolicyBuilder
{
    public static V1NetworkPolicy Build(
        RouterIdentity router, Space? space, ClusterFacts cluster, PlatformOptions options)
    {
        var from = router.Listener == RouterListener.Public
            ? PublicSources(space, cluster, options)
            : InternalSources(space!, ForbiddenRanges.FromCluster(cluster, options));
        return new()
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "NetworkPolicy",
            Metadata = router.Metadata(options),
            Spec = new()
            {
                PodSelector = new() { MatchLabels = router.Selector() },
                PolicyTypes = ["Ingress", "Egress"],
                Ingress =
                [
                    // A rule without peers would admit all sources, so without sources there is no rule.
                    .. from.Count == 0
                        ? Array.Empty<V1NetworkPolicyIngressRule>()
                        : [new() { FromProperty = from, Ports = Ports.TcpOnly(RouterPorts.Listening) }],
                    // From all sources: the API server's proxied requests come from a node or from a pod of its tunnel.
                    // The router authorises each request with the API server.
                    new() { Ports = Ports.TcpOnly([RouterPorts.Lines]) },
                ],
                Egress = [ToDynos(router, options), .. ClusterPeers.ApiServer(cluster), ToPeers(router)],
            },
        };
    }

    /// <summary>
    /// Behind proxies that hide the client, the network sees only the proxies. The router then checks the address from
    /// PROXY protocol.
    /// </summary>
    private static List<V1NetworkPolicyPeer> PublicSources(
        Space? space, ClusterFacts cluster, PlatformOptions options)
    {
        var trusted = TrustedRanges.FromSpace(space);
        var seen = options.Router.ProxyProtocolFrom.Count > 0 && !trusted.IsNobody
            ? options.Router.ProxyProtocolFrom
            : trusted.Ranges;
        var addresses = seen.Select(AddressBlock.Parse)
            .Distinct()
            .Order(AddressBlock.Ascending)
            .Select(AddressRules.Peer);
        return trusted.IsNobody || !DynoAccess.IsOpen(cluster, options)
            ? [.. addresses]
            : [new() { NamespaceSelector = Selectors.NamespacesOfSpaces, PodSelector = Selectors.Dynos }, .. addresses];
    }

    /// <summary>
    /// The sources of the internal listener. A peer range that conflicts with the cluster is left out, as it is for
    /// egress.
    /// </summary>
    private static List<V1NetworkPolicyPeer> InternalSources(Space space, ForbiddenRanges forbidden) =>
    [
        new() { NamespaceSelector = Selectors.NamespaceOfSpace(space.Metadata.Name), PodSelector = Selectors.Dynos },
        .. PeerRanges.FromSpace(space, forbidden).All.Distinct()
            .Order(AddressBlock.Ascending)
            .Select(range => AddressRules.PeerWithout(range, forbidden.AsNamedNetwork)),
    ];

    /// <summary>To the other pods of the same router, which have lines of their own.</summary>
    private static V1NetworkPolicyEgressRule ToPeers(RouterIdentity router) => new()
    {
        To = [new() { PodSelector = new() { MatchLabels = router.Selector() } }],
        Ports = Ports.TcpOnly([RouterPorts.Lines]),
    };

    private static V1NetworkPolicyEgressRule ToDynos(RouterIdentity router, PlatformOptions options)
    {
        var routing = router.Listener == RouterListener.Public ? RoutingValues.Public : RoutingValues.Internal;
        var namespaces = router.Space is { } space ? Selectors.NamespaceOfSpace(space) : Selectors.CommonNamespaces;
        return new()
        {
            To = [new() { NamespaceSelector = namespaces, PodSelector = Selectors.WebDynos(routing) }],
            Ports = Ports.TcpOnly([options.Dynos.Port]),
        };
    }
}
