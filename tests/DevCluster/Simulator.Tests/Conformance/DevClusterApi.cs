namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// The dev cluster's API server alone, without controllers, as a real API server is without its controller manager.
/// </summary>
public sealed class DevClusterApi : IApiUnderTest, IAsyncLifetime
{
    private DevClusterServer? _server;
    private HttpClient? _client;

    public async ValueTask InitializeAsync()
    {
        _server =
            await DevClusterServer.StartAsync(
                new DevClusterOptions { ControlPlane = null }, TestContext.Current.CancellationToken);
        _client = KubeconfigClients.Create(_server.Kubeconfig());
    }

    public Task<HttpClient> ConnectAsync(CancellationToken cancellationToken) => Task.FromResult(_client!);

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
