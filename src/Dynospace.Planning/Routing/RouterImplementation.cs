namespace Dynospace.Planning.Routing;

/// <summary>The cluster's own gateway or ingress controller: each says in its own way who may send requests.</summary>
public enum RouterImplementation
{
    /// <summary>Not named, or one that cannot express trusted ranges.</summary>
    Other,

    /// <summary>Envoy Gateway.</summary>
    EnvoyGateway,

    /// <summary>NGINX Gateway Fabric.</summary>
    NGINXGatewayFabric,

    /// <summary>Traefik.</summary>
    Traefik,

    /// <summary>Istio.</summary>
    Istio,

    /// <summary>ingress-nginx, the community's ingress controller.</summary>
    IngressNginx,
}
