using Dynospace.Api.Spaces;
using Dynospace.Controllers;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime.Transport;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>Each kind has a watch of its own, and they do not keep step.</summary>
[Collection(Alone.Name)]
public sealed class LateCacheTests(Platform platform)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_release_that_is_seen_after_its_dynos_is_not_made_twice()
    {
        await using var space = platform.NewSpace();
        await platform.Operator.CrashAsync();
        using var client = new Kubernetes(Kubeconfigs.Read(platform.Cluster.Kubeconfig));
        var connection = new LateReleases(new ApiTransport(client, new ApiTransportOptions(), TimeProvider.System));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = Controllers(connection).RunAsync(stop.Token);
        try
        {
            await space.StartAsync(SpaceRuntime.Common);
            await space.CreateAppAsync("shop", app => app.Release = new() { Command = [.. platform.Workloads.Exits(0).Command] }, ("worker", 1));
            Assert.Equal("shop-r1", await connection.Asked.WaitAsync(platform.Traits.Patience, Token));
            connection.LetThrough();
            await space.AppReadyAsync("shop");
            Assert.Equal(["shop-r1"], platform.View.Now.Of(Kinds.Revision, space.Name).Select(release => release.Name));
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            platform.StartOperator();
        }
    }

    private DynospaceControllers Controllers(IApiTransport transport) => new(
        transport,
        RunningOperator.Platform(platform.Traits),
        [],
        null,
        "e2e",
        TimeProvider.System,
        NullLoggerFactory.Instance);
}
