using DevCluster.Simulator.Controllers;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// The dev cluster's API server alone, without controllers, as a real API server is without its controller manager.
/// </summary>
public class DevClusterApi : IApiUnderTest, IAsyncLifetime
{
    private DevClusterServer? _server;
    private HttpClient? _client;

    protected virtual ControlPlaneOptions? ControlPlane => null;

    public async ValueTask InitializeAsync()
    {
        _server =
            await DevClusterServer.StartAsync(
                new DevClusterOptions { ControlPlane = ControlPlane }, TestContext.Current.CancellationToken);
        _client = KubeconfigClients.Create(_server.Kubeconfig());
    }

    public Task<HttpClient> ConnectAsync(CancellationToken cancellationToken) => Task.FromResult(_client!);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

/// <summary>The dev cluster with its controllers.</summary>
public sealed class DevClusterWorkloads : DevClusterApi
{
    protected override ControlPlaneOptions ControlPlane { get; } = new();
}
