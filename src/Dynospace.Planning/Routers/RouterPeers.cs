using Dynospace.Api;
using Dynospace.Planning.Options;
using Dynospace.Planning.Policies;
using k8s.Models;

namespace Dynospace.Planning.Routers;

/// <summary>
/// The pods that bring web requests. Labels alone could be imitated: each is named with a namespace where tenants
/// create nothing.
/// </summary>
public static class RouterPeers
{
    /// <summary>What Common spaces share.</summary>
    public static V1NetworkPolicyPeer SharedPublic(PlatformOptions options) =>
        options.Router.IsForeign ? Foreign(options.Router.PublicGateway) : Own(Selectors.SharedRouter, options);

    /// <summary>
    /// The public listeners of all routers. A cluster's own gateway cannot tell dynos from other clients.
    /// </summary>
    public static V1NetworkPolicyPeer EveryPublic(PlatformOptions options) => Own(Selectors.PublicRouters, options);

    /// <summary>What a Private or Shield space has.</summary>
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
    /// A namespace of a space is never a gateway's, whatever the options say: there tenants create pods.
    /// </summary>
    private static V1NetworkPolicyPeer Foreign(GatewayOptions gateway) =>
        new()
        {
            NamespaceSelector = Selectors.NamespaceOfNoSpace(gateway.PodNamespace!),
            PodSelector = Selectors.Pods(gateway.PodLabels),
        };
}
