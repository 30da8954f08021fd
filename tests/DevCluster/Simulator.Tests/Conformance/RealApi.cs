using DevCluster.Testing.RealApiServer;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// A real API server, started at the first test that wants it; its tests are skipped where there is none.
/// </summary>
public class RealApi : IApiUnderTest, IAsyncDisposable
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
                Started(_cluster!);
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

    /// <summary>Called once, before the first request.</summary>
    protected virtual void Started(RealCluster cluster)
    {
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _client?.Dispose();
        _gate.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

/// <summary>A real API server with the controllers of workloads and budgets; skipped where there are none.</summary>
public sealed class RealWorkloads : RealApi
{
    protected override void Started(RealCluster cluster)
    {
        var hasControllers = !cluster.IsApiServerOnly || cluster.TryStart(
            "kube-controller-manager",
            "--controllers=deployment-controller,replicaset-controller,statefulset-controller,disruption-controller");
        Assert.SkipUnless(hasControllers, "no kube-controller-manager beside kube-apiserver");
    }
}
