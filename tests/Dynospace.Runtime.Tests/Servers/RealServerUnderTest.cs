using DevCluster.Testing.RealApiServer;
using Dynospace.Runtime.Tests.Servers;
using k8s;

[assembly: AssemblyFixture(typeof(RealServerUnderTest))]

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>A real API server, where the environment offers one.</summary>
public sealed class RealServerUnderTest : IServerUnderTest, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Task<RealCluster?>? _cluster;

    public async Task<Kubernetes> ConnectAsync(CancellationToken cancellationToken)
    {
        Assert.SkipUnless(RealCluster.IsAvailable, RealCluster.SkipReason);
        lock (_lock)
        {
            _cluster ??= RealCluster.StartAsync(CancellationToken.None);
        }

        var cluster = await _cluster.WaitAsync(cancellationToken);
        return new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster!.KubeconfigFile));
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null && await _cluster is { } cluster)
        {
            await cluster.DisposeAsync();
        }
    }
}
