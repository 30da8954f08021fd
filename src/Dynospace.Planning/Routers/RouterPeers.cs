using Dynospace.Api;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// The pods that forward web requests. Each peer names a namespace in which tenants cannot create pods, since labels
/// alone could be imitated.
/// </summary>
public static class RouterPeers
{
    /// <summary>The public router that Common spaces share.</summary>
    public static V1NetworkPolicyPeer SharedPublic(PlatformOptions options) =>
        options.Router.IsForeign ? Foreign(options.Router.PublicGateway) : Own(Selectors.SharedRouter, options);

    /// <summary>
    /// The public listeners of all built-in routers. A cluster's own gateway cannot distinguish dynos from other
    /// clients.
    /// </summary>
    public static V1NetworkPolicyPeer EveryPublic(PlatformOptions options) => Own(Selectors.PublicRouters, options);

    /// <summary>The router of a Private or Shield space with this listener.</summary>
    public static V1NetworkPolicyPeer PodsOf(string space, RouterListener listener, PlatformOptions options) =>
        (options.Router.IsForeign, listener) switch
        {
            (true, RouterListener.Public) => Foreign(options.Router.PublicGateway),
            (true, _) => Foreign(options.Router.InternalGateway),
            (_, RouterListener.Public) => Own(Selectors.RouterOf(space, ComponentValues.RouterPublic), options),
            _ => Own(Selectors.RouterOf(space, ComponentValues.RouterInternal), options),
        };

    private static V1NetworkPolicyPeer Own(V1LabelSelector router, PlatformOptions options) =>
        new() { NamespaceSelector = Selectors.Namespace(options.Cluster.SystemNamespace), PodSelector = router };

    /// <summary>
    /// The pods of a cluster's own gateway. Namespaces of spaces are excluded regardless of the options, since tenants
    /// create pods there.
    /// </summary>
    private static V1NetworkPolicyPeer Foreign(GatewayOptions gateway) =>
        new()
        {
            NamespaceSelector = Selectors.NamespaceOfNoSpace(gateway.PodNamespace!),
            PodSelector = Selectors.Pods(gateway.PodLabels),
        };
}
