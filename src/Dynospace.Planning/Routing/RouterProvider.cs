namespace Dynospace.Planning.Routing;

/// <summary>Who brings web requests to web dynos.</summary>
public enum RouterProvider
{
    /// <summary>Dynospace's own routers.</summary>
    Builtin,

    /// <summary>Gateways of the cluster, by HTTPRoutes.</summary>
    GatewayAPI,

    /// <summary>An ingress controller of the cluster, by Ingresses.</summary>
    Ingress,

    /// <summary>Nobody: a cluster for workers, or one whose platform team routes by hand.</summary>
    None,
}
