using Dynospace.Router.Routing;

namespace Dynospace.Cli.Dev;

/// <summary>A Kubernetes API server that runs until it is disposed.</summary>
internal interface IDevCluster : IAsyncDisposable
{
    /// <summary>Where it listens.</summary>
    Uri Address { get; }

    /// <summary>The kubeconfig of an administrator, with everything in it.</summary>
    string Kubeconfig { get; }

    /// <summary>How its routers reach its dynos.</summary>
    IDynoConnector Dynos { get; }
}
