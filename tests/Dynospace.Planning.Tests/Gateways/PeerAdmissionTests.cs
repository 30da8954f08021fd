using System.Text.Json;
using CsCheck;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Addresses;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Gateways;
using Dynospace.Planning.Hosts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Gateways;

/// <summary>
/// Peer networks reach a cluster's own gateway as they reach the internal router: without the cluster.
/// </summary>
public sealed class PeerAdmissionTests
{
    private static readonly ClusterFacts Cluster = new()
    {
        PodRanges = ["10.244.0.0/16", "fd00:244::/56"],
        ServiceRanges = ["10.96.0.0/12"],
        NodeAddresses = ["192.168.7.5"],
    };

    public static TheoryData<string[], string[]> Networks => new()
    {
        { ["10.40.0.0/16"], ["10.40.0.0/16"] },
        { ["10.244.0.0/16"], [] },
        { ["10.244.3.0/24"], [] },
        { ["10.100.0.0/16"], [] },
        { ["192.168.7.5/32"], [] },
        { ["fd00:244::/64"], [] },
        { ["0.0.0.0/0"], [] },
        { ["169.254.0.0/16"], [] },
        { ["10.244.0.0/15"], ["10.245.0.0/16"] },
        { ["192.168.7.4/30"], ["192.168.7.4/32", "192.168.7.6/31"] },
        { ["10.40.0.0/16", "10.40.7.0/24"], ["10.40.0.0/16"] },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_foreign_gateway_admits_no_address_of_the_cluster_as_a_peer(string[] peers, string[] admitted)
    {
        var space = SpaceWith(peers);
        var app = ProviderSample.App(spec => spec.InternalRouting = true);
        var options = ProviderSample.Options(RouterProvider.GatewayAPI, RouterImplementation.EnvoyGateway);

        var plan = RoutePlanner.Plan(
            app,
            SpaceFacts.FromSpace(space, Cluster, options),
            DomainClaims.Alone(DomainClaimant.FromApp(app), options.Router.BaseDomain),
            RouteFacts.Unknown,
            options);

        var rules = Assert.Single(plan.Fences).Spec["authorization"]!["rules"]?[0]!["principal"]!["clientCIDRs"];
        Assert.Equal(admitted, rules.Deserialize<string[]>() ?? []);
    }

    /// <summary>A policy excepts, a gateway lists what is left: the same addresses.</summary>
    [Fact]
    public void A_gateway_admits_the_addresses_that_the_internal_router_admits()
    {
        var block = Gen.Select(Gen.UInt, Gen.Int[4, 32]).Select((bits, prefix) =>
            AddressBlock.Parse($"{new System.Net.IPAddress(bits)}/{prefix}"));
        Gen.Select(block, block.Array[0, 12], Gen.UInt.Array[20]).Sample((range, others, probes) =>
        {
            var exceptions = AddressSet.Covering(others).Inside(range).ToList();
            var left = range.Without(exceptions).ToList();
            foreach (var probe in probes.Select(bits => AddressBlock.FromAddress(new System.Net.IPAddress(bits)))
                .Concat(exceptions)
                .Where(range.Contains))
            {
                Assert.Equal(
                    !exceptions.Any(exception => exception.Contains(probe)),
                    left.Any(part => part.Contains(probe)));
            }

            Assert.Equal(left.Count, AddressSet.Covering(left).Blocks.Count);
        });
    }

    private static Space SpaceWith(string[] peers)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.PeerNetworks = [.. peers.Select((cidr, i) => new PeerNetwork { Name = $"net{i}", Cidrs = [cidr] })];
        return space;
    }
}
