using System.Net;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>
/// What the outside sees of a Space with fixed IPs on a cluster of several nodes, whose operator, node agents and gate
/// the chart has installed: nothing but these IPs, from the first packet on, also while the gateway changes.
/// </summary>
public sealed class FixedIPOnNodesTests(InstalledPlatform platform) : IClassFixture<InstalledPlatform>
{
    private const int DynosPerNode = 2;
    private const int Calls = 50;

    /// <summary>More than any buffer on the way holds, at one byte in 0.2 s: these have arrived since.</summary>
    private const int MoreBytes = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_outside_sees_the_fixed_ips_and_nothing_else()
    {
        platform.Require();
        await platform.View.FollowAsync(Kinds.EgressGateway, CancellationToken.None);
        await platform.View.FollowAsync(Kinds.Node, CancellationToken.None);
        await using var outside = OutsideHost.Listen(platform.Outside);
        var nodes = platform.View.Now.All(Kinds.Node).ToList();
        Assert.True(nodes.Count >= 2, "one node shows nothing of the way between nodes");
        var dynos = DynosPerNode * nodes.Count;

        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Private, spec => spec.OutboundIPs = [.. platform.OutboundIPs]);
        await space.CreateAppAsync("caller", Caller(outside), null, ("worker", dynos));
        await space.AppReadyAsync("caller");
        await space.UntilAsync(
            "the Space has its way out",
            state => state.Find(Kinds.Space, space.Key) is { } found && found.Has(ConditionTypes.EgressReady)
                ? found
                : null);
        Assert.Equal(
            nodes.Select(node => node.Name).Order(StringComparer.Ordinal),
            space.Pods("caller").Select(pod => (string)pod.Content["spec"]!["nodeName"]!).Distinct()
                .Order(StringComparer.Ordinal));
        await UntilAsync(outside, () => outside.Live.Count == dynos && AllHaveCalled(outside, Calls));

        var lines = outside.Live.Keys.ToList();
        var gateway = await EgressPlatform.GatewayAsync(space);
        await platform.Api.CordonAsync(gateway, isCordoned: true);
        try
        {
            await EgressPlatform.GatewayAsync(space, not: gateway);
            var before = lines.ToDictionary(line => line, line => outside.Live.GetValueOrDefault(line));
            await UntilAsync(
                outside,
                () => lines.TrueForAll(line => outside.Live.GetValueOrDefault(line) >= before[line] + MoreBytes)
                    && AllHaveCalled(outside, 2 * Calls));
        }
        finally
        {
            await platform.Api.CordonAsync(gateway, isCordoned: false);
        }

        Report(outside);
        Assert.Equal(
            platform.OutboundIPs.Select(IPAddress.Parse).ToHashSet(),
            outside.Seen.Keys.Select(key => key.Source).ToHashSet());
    }

    /// <summary>
    /// A dyno that calls from its first moment on, by short connections, datagrams and one that stays.
    /// </summary>
    private Workload Caller(OutsideHost outside)
    {
        var host = platform.Outside;
        var script = $"""
            trap 'exit 0' TERM
            while :; do printf x; busybox sleep 0.2; done | busybox nc {host} {outside.LinePort} > /dev/null &
            while :; do
              busybox nc -w 2 {host} {outside.CallPort} < /dev/null
              echo u | busybox nc -u -w 1 {host} {outside.DatagramPort}
              busybox sleep 0.1 & wait $!
            done
            """;
        return new(platform.Workloads.Runs.Image, "busybox", "sh", "-c", script)
        {
            Size = platform.Workloads.Runs.Size,
        };
    }

    private static bool AllHaveCalled(OutsideHost outside, int times) =>
        new[] { "TCP", "UDP" }.All(protocol =>
            outside.Seen.Where(seen => seen.Key.Protocol == protocol).Sum(seen => seen.Value) >= times);

    /// <summary>Packets say nothing to the view, so they are looked for.</summary>
    private async Task UntilAsync(OutsideHost outside, Func<bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(platform.Traits.Patience);
        while (!isSo())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
            catch (OperationCanceledException)
            {
                Report(outside);
                throw;
            }
        }
    }

    private static void Report(OutsideHost outside)
    {
        var output = TestContext.Current.TestOutputHelper!;
        foreach (var ((protocol, source), count) in outside.Seen)
        {
            output.WriteLine($"The outside saw {count} x {protocol} from {source}.");
        }

        output.WriteLine($"{outside.Live.Count} connections live.");
    }
}
