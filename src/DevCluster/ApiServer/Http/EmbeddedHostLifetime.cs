using Microsoft.Extensions.Hosting;

namespace DevCluster.ApiServer.Http;

/// <summary>
/// Leaves Ctrl-C and SIGTERM to the program that this server is a part of; the default would swallow them.
/// </summary>
internal sealed class EmbeddedHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
