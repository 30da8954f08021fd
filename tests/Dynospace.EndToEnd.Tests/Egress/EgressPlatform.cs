using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Clusters;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Options;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>
/// A dev cluster of these tests' own, whose operator gives fixed IPs by the built-in provider. No packet is sent here:
/// that dynos leave by these addresses is what the tests of the node agent show.
/// </summary>
public sealed class EgressPlatform : Platform
{
    /// <summary>The pool of most tests.</summary>
    internal const string Pool = "203.0.113.0/24";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Task? _following;

    /// <summary>Shows what the shared view does not: ways out, and records of granted addresses.</summary>
    internal Task FollowAsync() => _following ??= Task.WhenAll(
        new[] { Kinds.EgressGateway, Kinds.ConfigMap, Kinds.Node }.Select(
            kind => View.FollowAsync(kind, CancellationToken.None)));

    /// <summary>The gateway of a space's first IP, once its agent says so. The view follows EgressGateways.</summary>
    /// <param name="not">Another than this.</param>
    internal static Task<string> GatewayAsync(TestSpace space, string? not = null) => space.UntilAsync(
        $"a gateway has the first IP, and not {not}",
        state => state.Find(Kinds.EgressGateway, space.Key)?.Content["status"]?["ips"] is JsonArray and [{ } ip, ..]
            && (string?)ip["gateway"] is { Length: > 0 } found && found != not
                ? found
                : null);

    /// <summary>Labels the first nodes as gateways.</summary>
    internal async Task<IReadOnlyList<string>> MakeGatewaysAsync(int count)
    {
        var nodes = View.Now.All(Kinds.Node).Select(node => node.Name).Order(StringComparer.Ordinal).Take(count)
            .ToList();
        foreach (var node in nodes)
        {
            var labels = new JsonObject { [Labels.EgressGateway] = "true" };
            (await Api.PatchAsync(
                Kinds.Node,
                ObjectKey.ClusterScoped(node),
                new() { ["metadata"] = new JsonObject { ["labels"] = labels } },
                null,
                Token)).Require();
        }

        return nodes;
    }

    private protected override async Task<ITestCluster> StartClusterAsync(CancellationToken cancellationToken) =>
        await DevTestCluster.StartAsync(cancellationToken);

    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        options with { Egress = new() { Provider = EgressProvider.Builtin, Pool = [Pool] } };
}
