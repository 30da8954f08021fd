using System.Net.Sockets;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Pods;
using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator;

/// <summary>Options of a dev cluster. Nothing is persisted: each start creates a new cluster.</summary>
public sealed record DevClusterOptions
{
    /// <summary>The name of the cluster and of the context in its kubeconfigs.</summary>
    public string Name { get; init; } = "devcluster";

    /// <summary>The port on loopback; 0 chooses a free one.</summary>
    public int Port { get; init; }

    /// <summary>
    /// The users that can sign in; <see cref="DevClusterServer.Kubeconfig"/> uses the first by default.
    /// </summary>
    public IReadOnlyList<DevClusterUser> Users { get; init; } = [DevClusterUser.Admin];

    /// <summary>Connects clients to pods that really run; null if pods are simulated.</summary>
    public IPodConnections? Pods { get; init; }

    /// <summary>Connects the Service proxy to programs outside the cluster; null for none.</summary>
    public IServiceConnections? Services { get; init; }

    /// <summary>
    /// Additional bound sockets on which the API is served. A socket for another network namespace must be opened
    /// there. The server takes ownership.
    /// </summary>
    public IReadOnlyList<Socket> Listeners { get; init; } = [];

    /// <summary>The simulated controllers and nodes; null starts only the API server.</summary>
    public ControlPlaneOptions? ControlPlane { get; init; } = new();
}
