using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Dns;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Isolation;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Sizes;
using k8s.Models;

namespace Dynospace.Planning.Spaces;

/// <summary>
/// All policies of a space. Their number depends only on the runtime and the spec's data services, never on apps or
/// dynos: dynos are selected by labels, and <c>$PORT</c> is the same on the whole platform.
/// </summary>
internal static class PolicySet
{
    /// <summary>
    /// The policies in the order of creation: denial first, so that at no time more is allowed than at the end.
    /// </summary>
    public static IReadOnlyList<PolicyDraft> Drafts(
        Space space, ClusterFacts cluster, ForbiddenRanges forbidden, DnsInUse dns, PlatformOptions options)
    {
        var builder = new PolicyBuilder(space);
        List<PolicyDraft> drafts =
        [
            PolicyDraft.FromPolicy(DefaultDeny(builder, options)),
            PolicyDraft.FromPolicy(Dns(builder, cluster, dns, options)),
            PolicyDraft.FromPolicy(CanaryPolicy.Build(builder)),
        ];
        if (space.Spec.Runtime == SpaceRuntime.Common)
        {
            drafts.Add(
                PolicyDraft.FromPolicy(
                    Router(
                        builder,
                        PolicyNames.RouterToWeb,
                        RoutingValues.Public,
                        RouterPeers.SharedPublic(options),
                        RouterIdentity.Shared,
                        options)));
            drafts.AddRange(Outward(builder, space, cluster, forbidden, options));
            return drafts;
        }

        var (name, everywhere) = (space.Metadata.Name, new V1NetworkPolicyPeer { PodSelector = Selectors.Dynos });
        var publicRouter = RouterPeers.PodsOf(name, RouterListener.Public, options);
        var internalRouter = RouterPeers.PodsOf(name, RouterListener.Internal, options);
        drafts.Add(
            PolicyDraft.FromPolicy(
                Router(
                    builder, PolicyNames.RouterToWeb, RoutingValues.Public, publicRouter,
                    new(RouterListener.Public, name), options)));
        drafts.Add(
            PolicyDraft.FromPolicy(
                Router(
                    builder, PolicyNames.InternalRouterToWeb, RoutingValues.Internal, internalRouter,
                    new(RouterListener.Internal, name), options)));
        if (!options.Router.IsForeign)
        {
            drafts.Add(
                PolicyDraft.FromPolicy(
                    builder.Egress(PolicyNames.InternalRouter, Selectors.Dynos, [ToRouter(internalRouter)])));
        }

        drafts.Add(
            PolicyDraft.FromPolicy(
                builder.Ingress(PolicyNames.SpaceNetwork, Selectors.FormationDynos, [everywhere], Ports.AllTcpAndUdp)));
        drafts.Add(PolicyDraft.FromPolicy(builder.Egress(
            PolicyNames.SpaceNetworkOut,
            Selectors.Dynos,
            [new() { To = [new() { PodSelector = Selectors.FormationDynos }], Ports = Ports.AllTcpAndUdp }])));
        drafts.AddRange(Outward(builder, space, cluster, forbidden, options));
        drafts.Add(PeerPolicy.Draft(builder, space, forbidden));
        drafts.AddRange(new DataServicePolicies(builder, space, forbidden, options).Drafts());
        return drafts;
    }

    /// <summary>
    /// The denial of all connections. Its annotations also publish the dyno sizes, since tenants may read the policies
    /// of their space, but not Spaces, namespaces or ConfigMaps.
    /// </summary>
    private static V1NetworkPolicy DefaultDeny(PolicyBuilder builder, PlatformOptions options)
    {
        var policy = builder.DenyAll(PolicyNames.DefaultDeny, Selectors.Everything);
        if (DynoSizeTable.TextOf(options.Dynos.OwnSizes) is { } sizes)
        {
            policy.Metadata.Annotations[Annotations.DynoSizes] = sizes;
        }

        return policy;
    }

    private static IEnumerable<PolicyDraft> Outward(
        PolicyBuilder builder,
        Space space,
        ClusterFacts cluster,
        ForbiddenRanges forbidden,
        PlatformOptions options)
    {
        yield return InternetPolicy.Draft(builder, space.Spec, forbidden, options);
        if (PublicRouterPolicy.Draft(builder, space, cluster, options) is { } routers)
        {
            yield return routers;
        }
    }

    /// <summary>
    /// The policy that admits the router. Its annotation also publishes where to read the router's lines, since tenants
    /// may read the policies of their space.
    /// </summary>
    private static V1NetworkPolicy Router(
        PolicyBuilder builder, string name, string routing, V1NetworkPolicyPeer peer, RouterIdentity router,
        PlatformOptions options)
    {
        var policy = builder.Ingress(
            name, Selectors.WebDynos(routing), [peer], Ports.TcpOnly([options.Dynos.Port]));
        if (options.Router.Provider == RouterProvider.Builtin)
        {
            policy.Metadata.Annotations[Annotations.RouterLines] =
                RouterLines.FromRouter(router, options).ToString();
        }

        return policy;
    }

    /// <summary>
    /// Egress of dynos to the internal router. It exists even without an app with internal routing, so that the number
    /// of policies is constant. A gateway that all spaces share cannot distinguish their dynos, so dynos may not reach
    /// it; they use the app's Service.
    /// </summary>
    private static V1NetworkPolicyEgressRule ToRouter(V1NetworkPolicyPeer router) =>
        new() { To = [router], Ports = Ports.TcpOnly(RouterPorts.Listening) };

    /// <summary>
    /// Egress to the space's own DNS if dynos use it, and to the cluster's DNS as long as a dyno uses that: a dyno that
    /// started before the space had its own DNS keeps using the cluster's.
    /// </summary>
    private static V1NetworkPolicy Dns(
        PolicyBuilder builder, ClusterFacts cluster, DnsInUse dns, PlatformOptions options)
    {
        var own = dns.Own is { } found ? SpaceDnsPolicy.FromDynos(found, dns.OwnAddresses, options) : null;
        var asked = dns.IsClusterAsked ? ClusterPeers.Dns(cluster, options) : null;
        List<V1NetworkPolicyEgressRule> rules = [.. new[] { own, asked }.OfType<V1NetworkPolicyEgressRule>()];
        return builder.Egress(PolicyNames.Dns, Selectors.Dynos, rules);
    }
}
