namespace Dynospace.Planning.Routing;

/// <summary>How a router is reached from outside the cluster.</summary>
public enum RouterServiceType
{
    /// <summary>By a load balancer of the cloud.</summary>
    LoadBalancer,

    /// <summary>By a port of every node, for a load balancer that the platform team runs.</summary>
    NodePort,

    /// <summary>Not at all: from within the cluster only.</summary>
    ClusterIP,
}
