namespace Dynospace.Planning.Policies;

/// <summary>Names of a space's policies.</summary>
public static class PolicyNames
{
    /// <summary>Denies ingress and egress of every pod of the namespace.</summary>
    public const string DefaultDeny = "default-deny";

    /// <summary>Dynos to the DNS.</summary>
    public const string Dns = "dns";

    /// <summary>Between the canaries of a trial.</summary>
    public const string Canary = "canary";

    /// <summary>The router's public listener to web dynos.</summary>
    public const string RouterToWeb = "router-to-web";

    /// <summary>The router's internal listener to web dynos of apps with internal routing.</summary>
    public const string InternalRouterToWeb = "internal-router-to-web";

    /// <summary>Dynos to the public listeners of all routers, which check callers themselves.</summary>
    public const string PublicRouters = "public-routers";

    /// <summary>Dynos to the internal listener of their space's router.</summary>
    public const string InternalRouter = "internal-router";

    /// <summary>Ingress to dynos of the formation, from all dynos of the space.</summary>
    public const string SpaceNetwork = "space-network";

    /// <summary>
    /// Egress of all dynos to dynos of the space. It is separate from <see cref="SpaceNetwork"/> since one-offs send
    /// but never receive.
    /// </summary>
    public const string SpaceNetworkOut = "space-network-out";

    /// <summary>Dynos to the internet.</summary>
    public const string Internet = "internet";

    /// <summary>Dynos to peer networks.</summary>
    public const string PeerNetworks = "peer-networks";

    /// <summary>Dynos to data services.</summary>
    public const string DataServices = "data-services";

    /// <summary>Ingress to the pods of one data service in the space's namespace.</summary>
    public static string DataService(string name) => $"data-service-{name}";
}
