using DevCluster.Testing.RealApiServer;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// A real API server, started at the first test that wants it; its tests are skipped where there is none.
/// </summary>
public sealed class RealApi : IApiUnderTest, IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private RealCluster? _cluster;
    private HttpClient? _client;

    public async Task<HttpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(RealCluster.IsAvailable, RealCluster.SkipReason);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_client is null)
            {
                _cluster = await RealCluster.StartAsync(cancellationToken);
                _client = KubeconfigClients.Create(
                    await File.ReadAllTextAsync(_cluster!.KubeconfigFile, cancellationToken));
            }

            return _client;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _gate.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
