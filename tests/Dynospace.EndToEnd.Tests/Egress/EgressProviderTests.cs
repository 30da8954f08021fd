using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Providers;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;

namespace Dynospace.EndToEnd.Tests.Egress;

/// <summary>
/// What the operator makes for the egress gateway of a cluster is taken by the API server: with
/// DYNOSPACE_TEST_DEFINITIONS, under the providers' own schemas.
/// </summary>
public sealed class EgressProviderTests(EgressProviderPlatform platform) : IClassFixture<EgressProviderPlatform>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(EgressProvider.Cilium, "NoFailover", "203.0.113.10", "2001:db8::10")]
    [InlineData(EgressProvider.Antrea, "FirstPacketsMayLeak", "203.0.113.10", "2001:db8::10")]
    [InlineData(EgressProvider.OVNKubernetes, "EgressRefused", "203.0.113.10", "203.0.113.11", "2001:db8::10")]
    [InlineData(EgressProvider.Spidernet, "EgressRefused", "203.0.113.10", "2001:db8::10")]
    [InlineData(EgressProvider.KubeOVN, "FirstPacketsMayLeak", "203.0.113.10", "203.0.113.11")]
    public async Task Every_object_of_a_provider_is_taken(
        EgressProvider provider, string reason, params string[] addresses)
    {
        var kinds = EgressProviders.Find(provider)!.Kinds;
        await platform.InstallAsync(Token, kinds);
        await platform.UseAsync(provider);
        await using var space = platform.NewSpace();
        await space.CreateAsync(SpaceRuntime.Private, spec =>
        {
            spec.OutboundIPs = [.. addresses];
            spec.PeerNetworks = [new() { Name = "office", Cidrs = ["10.40.0.0/16"] }];
        });

        foreach (var kind in kinds)
        {
            await space.UntilAsync(
                $"{kind} is there",
                state => state.All(ForeignDefinitions.Of(kind))
                    .FirstOrDefault(made => made.Label(Labels.Space) == space.Name));
        }

        var seen = await space.UntilAsync(
            $"condition EgressReady has reason {reason}",
            state => state.Find(Kinds.Space, space.Key)?.Condition(ConditionTypes.EgressReady) is { } condition
                && (condition.Reason == reason || condition.Reason == Reasons.Simulated) ? condition : null);
        Assert.NotEqual(Reasons.ProviderNotInstalled, seen.Reason);

        await space.PatchAsync(
            Kinds.Space, space.Key, new() { ["spec"] = new JsonObject { ["outboundIPs"] = null } });
        await space.UntilAsync(
            "nothing of the provider is left",
            state => kinds.SelectMany(kind => state.All(ForeignDefinitions.Of(kind)))
                .Any(made => made.Label(Labels.Space) == space.Name) ? null : state);
    }
}

/// <summary>One whose operator gives fixed IPs by the cluster's own egress gateway, which a test names.</summary>
public sealed class EgressProviderPlatform : ForeignKindsPlatform
{
    private protected override bool HasForeignEgress => true;

    /// <summary>Ends the operator and starts one with another provider.</summary>
    internal Task UseAsync(EgressProvider provider) =>
        RestartOperatorAsync(options => options with { Egress = With(provider) });

    private protected override PlatformOptions Adjust(PlatformOptions options) =>
        options with { Egress = With(EgressProvider.Cilium) };

    private static EgressOptions With(EgressProvider provider) => new()
    {
        Provider = provider,
        Echo = "198.51.100.7:7878",
        GatewayNamespace = OperatorRights.Namespace,
    };
}
