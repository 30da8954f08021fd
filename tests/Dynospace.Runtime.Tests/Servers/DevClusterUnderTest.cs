using System.Text;
using DevCluster.Simulator;
using Dynospace.Runtime.Tests.Servers;
using k8s;

[assembly: AssemblyFixture(typeof(DevClusterUnderTest))]

namespace Dynospace.Runtime.Tests.Servers;

/// <summary>The dev cluster without controllers; always there.</summary>
public sealed class DevClusterUnderTest : IServerUnderTest, IAsyncLifetime
{
    private DevClusterServer? _server;

    public async ValueTask InitializeAsync() => _server = await DevClusterServer.StartAsync(
        new DevClusterOptions { ControlPlane = null }, TestContext.Current.CancellationToken);

    public Task<Kubernetes> ConnectAsync(CancellationToken cancellationToken)
    {
        using var kubeconfig = new MemoryStream(Encoding.UTF8.GetBytes(_server!.Kubeconfig()));
        return Task.FromResult(new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
