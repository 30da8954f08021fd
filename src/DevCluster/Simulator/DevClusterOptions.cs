using System.Net.Sockets;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Pods;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator;

/// <summary>How a dev cluster is started. Nothing is persisted: each start is a new cluster.</summary>
public sealed record DevClusterOptions
{
    /// <summary>The name of the cluster and of the context in its kubeconfigs.</summary>
    public string Name { get; init; } = "devcluster";

    /// <summary>The port on loopback; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// Who can sign in; <see cref="DevClusterServer.Kubeconfig"/> is for the first by default.
    /// </summary>
    public IReadOnlyList<DevClusterUser> Users { get; init; } = [DevClusterUser.Admin];

    /// <summary>Connects clients with pods that really run; null where they are simulated.</summary>
    public IPodConnections? Pods { get; init; }

    /// <summary>Connects the proxy of Services with programs outside the cluster; null where there are none.</summary>
    public IServiceConnections? Services { get; init; }

    /// <summary>
    /// Further sockets on which the API is served: bound and, where another network namespace is to reach it, opened
    /// there. The server takes them over.
    /// </summary>
    public IReadOnlyList<Socket> Listeners { get; init; } = [];

    /// <summary>The simulated controllers and nodes; null starts the API server alone.</summary>
    public ControlPlaneOptions? ControlPlane { get; init; } = new();
}
