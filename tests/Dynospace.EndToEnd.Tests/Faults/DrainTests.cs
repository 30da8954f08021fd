using System.Net;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;

namespace Dynospace.EndToEnd.Tests.Faults;

/// <summary>A node is drained as <c>kubectl drain</c> does it: cordoned, then its pods evicted until they go.</summary>
public sealed class DrainTests(TwoNodesPlatform platform) : IClassFixture<TwoNodesPlatform>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lone_dyno_gets_its_successor_on_another_node_before_it_goes()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        await space.CreateAppAsync("shop", formation: ("web", 1));
        await space.AppReadyAsync("shop");
        var first = Assert.Single(space.Pods("shop"));
        var node = NodeOf(first);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await platform.Api.EvictAsync(first, Token)).Code);

        await platform.Api.CordonAsync(node, isCordoned: true);
        try
        {
            var successor = await space.UntilAsync(
                "the successor is ready on another node, and the first goes after it",
                state =>
                {
                    var pods = state.PodsOf(space.Name, "shop").ToList();
                    Assert.Contains(pods, pod => IsReady(pod) && !pod.IsTerminating);
                    return pods is [var only] && only.Uid != first.Uid && IsReady(only) ? only : null;
                });

            Assert.NotEqual(node, NodeOf(successor));
            await space.AppReadyAsync("shop");
        }
        finally
        {
            await platform.Api.CordonAsync(node, isCordoned: false);
        }
    }

    private static string NodeOf(SeenObject pod) => (string)pod.Content["spec"]!["nodeName"]!;

    private static bool IsReady(SeenObject pod) => pod.Condition("Ready")?.Status == "True";
}

/// <summary>A dev cluster of these tests' own, whose nodes they may drain.</summary>
public sealed class TwoNodesPlatform : Platform
{
    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        await DevTestCluster.StartAsync(cancellationToken, nodes: 2);
}
