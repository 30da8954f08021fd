using System.Net;
using System.Text;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s;
using k8s.Models;

namespace Dynospace.Planning.Tests.Policies;

/// <summary>
/// What is the cluster's is denied wherever it lies, however odd its objects are, and in policies that keep a size.
/// </summary>
public sealed class ClusterAddressTests
{
    /// <summary>Below the size that an etcd, a watch and a network agent handle easily.</summary>
    private const int LargestPolicy = 64 * 1024;

    public static TheoryData<string> OddAddresses => new(
        "ec2-203-0-113-9.compute.example",
        "fe80::1%eth0",
        "10.0.0.010",
        "",
        " ",
        "203.0.113.9/33",
        "not an address",
        "203.0.113.9\n",
        "1",
        "::ffff:0:0/90");

    [Theory]
    [MemberData(nameof(OddAddresses))]
    public void One_odd_address_stops_no_space(string odd)
    {
        var cluster = Sample.Cluster with
        {
            NodeAddresses = [.. Sample.Cluster.NodeAddresses, odd],
            PodRanges = [.. Sample.Cluster.PodRanges, odd],
            ServiceRanges = [odd],
            DnsServiceAddresses = [odd],
            ApiServer = [new(odd, 443)],
            Unusable = [$"node n7 ({odd})"],
        };
        foreach (var runtime in Enum.GetValues<SpaceRuntime>())
        {
            var observed = Sample.Observed(Sample.ConnectedSpace(runtime)) with
            {
                Cluster = cluster,
                RoutedApps = [new("shop", InternalRouting: runtime != SpaceRuntime.Common, [])],
            };

            var plan = SpacePlanner.Plan(observed, Sample.Options);
            var status = SpaceStatusBuilder.Build(observed, plan, new(), Sample.Options, Sample.Now);

            Assert.Contains(plan.Policies, policy => policy.Metadata.Name == "default-deny");
            Assert.Equal(Reasons.ClusterAddressUnusable, Assert.Single(plan.Warnings).Reason);
            var isolated = Conditions.Find(status.Conditions, ConditionTypes.NetworkIsolated)!;
            Assert.Equal(ConditionStatus.True, isolated.Status);
            Assert.Contains("node n7", isolated.Message, StringComparison.Ordinal);
        }

        Assert.NotEmpty(RouterPlanner.PlanShared(hasCommonSpaces: true, cluster, Sample.Options).Children.Objects);
    }

    [Theory]
    [InlineData("::ffff:203.0.113.77", "203.0.113.77")]
    [InlineData("::ffff:203.0.113.77/128", "203.0.113.77")]
    [InlineData("::ffff:203.0.113.0/120", "203.0.113.200")]
    public void An_IPv4_mapped_address_is_denied_as_the_address_that_it_stands_for(string mapped, string address)
    {
        var plan = Plan(Sample.Cluster with { NodeAddresses = [mapped] });

        Assert.False(Reaches(plan, address));
        Assert.DoesNotContain(
            Blocks(plan),
            block =>
                block.Except?.Any(
                    exception => exception.Contains("ffff:", StringComparison.OrdinalIgnoreCase)) == true);
    }

    [Theory]
    [InlineData("198.18.0.1")]
    [InlineData("203.0.113.77")]
    [InlineData("2001:db8:77::1")]
    public void The_API_servers_own_endpoints_are_denied_also_as_a_data_service(string endpoint)
    {
        var cluster = Sample.Cluster with { ApiServer = [new(endpoint, 443)] };
        Assert.False(Reaches(Plan(cluster), endpoint));

        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.DataServices =
        [
            new()
            {
                Name = "db",
                Cidrs = [endpoint.Contains(':', StringComparison.Ordinal) ? $"{endpoint}/128" : $"{endpoint}/32"],
                Ports = [443],
            },
        ];
        var plan = SpacePlanner.Plan(Sample.Observed(space) with { Cluster = cluster }, Sample.Options);

        Assert.Equal(Reasons.RangeConflict, Assert.Single(plan.Warnings).Reason);
        Assert.DoesNotContain(plan.Policies, policy => policy.Metadata.Name == "data-services");
    }

    [Fact]
    public void What_was_learnt_from_pods_is_denied_and_said_unless_it_is_private()
    {
        var observed = Sample.Observed(Sample.Space()) with
        {
            Cluster = Sample.Cluster with { LearntRanges = ["2600:1f18:1:2::/64", "10.9.8.0/24"] },
        };

        var plan = SpacePlanner.Plan(observed, Sample.Options);

        Assert.False(Reaches(plan, "2600:1f18:1:2::9"));
        var warning = Assert.Single(plan.Warnings);
        Assert.Equal(Reasons.ClusterRangesUnknown, warning.Reason);
        Assert.Contains("2600:1f18:1:2::/64", warning.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.8.0/24", warning.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3", null)]
    [InlineData("10.9.8.7", "10.9.8.0/24")]
    [InlineData("2600:1f18:1:2::9", "2600:1f18:1:2::/64")]
    [InlineData("::ffff:203.0.113.77", "203.0.113.0/24")]
    [InlineData("garbage", null)]
    [InlineData(null, null)]
    public void The_network_around_an_unknown_address_is_learnt(string? address, string? network) =>
        Assert.Equal(network, AddressCover.FromRanges(["10.0.0.0/14", "garbage"]).Learn(address));

    [Fact]
    public void A_peer_network_that_contains_a_part_of_the_cluster_is_narrowed_and_keeps_its_rule_when_a_node_joins()
    {
        var space = Peering("10.0.0.0/8");

        foreach (var nodes in new string[][] { ["10.0.0.11"], ["10.0.0.11", "10.77.0.12"] })
        {
            var plan = SpacePlanner.Plan(
                Sample.Observed(space) with { Cluster = Sample.Cluster with { NodeAddresses = nodes } },
                Sample.Options);

            Assert.Empty(plan.Warnings);
            var block = Assert.Single(BlocksOf(plan, "peer-networks"));
            Assert.Equal("10.0.0.0/8", block.Cidr);
            string[] expected = ["10.96.0.0/12", "10.244.0.0/16", .. nodes.Select(node => $"{node}/32")];
            Assert.Equal(expected.Order(StringComparer.Ordinal), block.Except.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("10.244.3.0/24", "a part of the pods' range")]
    [InlineData("10.96.0.0/16", "a part of the Services' range")]
    [InlineData("127.0.0.0/8", "no network at all")]
    public void A_peer_range_that_conflicts_is_refused_for_the_internal_router_as_well(string range, string why)
    {
        var space = Peering("10.40.0.0/16", range);

        var plan = SpacePlanner.Plan(
            Sample.Observed(space) with { RoutedApps = [new("intranet", true, [])] }, Internal);

        Assert.Equal(Reasons.RangeConflict, Assert.Single(plan.Warnings).Reason);
        var policy = plan.Routers.Children.All<V1NetworkPolicy>()
            .Single(found => found.Metadata.Name == "router-internal-acme");
        Assert.Equal(
            ["10.40.0.0/16"],
            policy.Spec.Ingress.SelectMany(rule => rule.FromProperty ?? [])
                .Select(peer => peer.IpBlock?.Cidr)
                .OfType<string>());
        var service = plan.Routers.Children.All<V1Service>()
            .Single(found => found.Metadata.Name == "router-internal-acme");
        Assert.Equal(["10.40.0.0/16", "10.244.0.0/16", "fd00:10:244::/56"], service.Spec.LoadBalancerSourceRanges);
        Assert.NotEmpty(why);
    }

    [Fact]
    public void Five_thousand_nodes_with_public_addresses_keep_every_policy_small_and_denied()
    {
        var nodes = PublicNodes(5000);
        var plan = Plan(Sample.Cluster with { NodeAddresses = nodes }, SpaceRuntime.Private);

        Assert.All(plan.Policies, policy => Assert.InRange(SizeOf(policy), 1, LargestPolicy));
        Assert.All(nodes.Where((_, i) => i % 97 == 0), node => Assert.False(Reaches(plan, node), node));
        Assert.True(Reaches(plan, "8.8.8.8"));
        Assert.True(Reaches(plan, "2a00:1450::1"));
    }

    [Fact]
    public void Sixty_four_egress_rules_at_many_nodes_keep_the_policy_small_and_every_port()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.Egress = new()
        {
            Rules =
            [
                .. Enumerable.Range(0, 64)
                    .Select(i => new EgressRule { Cidr = i % 2 == 0 ? "0.0.0.0/0" : "::/0", Port = 8000 + i }),
            ],
        };
        var nodes = PublicNodes(805);

        var plan = SpacePlanner.Plan(
            Sample.Observed(space) with { Cluster = Sample.Cluster with { NodeAddresses = nodes } }, Sample.Options);

        Assert.Empty(plan.Warnings);
        var internet = Assert.Single(plan.Policies, policy => policy.Metadata.Name == "internet");
        Assert.InRange(SizeOf(internet), 1, LargestPolicy);
        Assert.Equal(
            Enumerable.Range(8000, 64).Select(port => $"{port}"),
            internet.Spec.Egress.SelectMany(rule => rule.Ports)
                .Select(port => port.Port?.Value)
                .OfType<string>()
                .Distinct()
                .Order());
        Assert.All(nodes, node => Assert.False(Reaches(plan, node)));
    }

    [Fact]
    public void One_more_node_changes_few_exceptions()
    {
        var nodes = PublicNodes(5000);
        var before = Exceptions(Plan(Sample.Cluster with { NodeAddresses = nodes }));
        var after = Exceptions(Plan(Sample.Cluster with { NodeAddresses = [.. nodes, "45.67.89.10"] }));

        Assert.InRange(before.Except(after).Concat(after.Except(before)).Count(), 0, 8);
    }

    [Fact]
    public void The_status_counts_many_ranges_rather_than_listing_them()
    {
        var observed = Sample.Observed(Sample.Space()) with
        {
            Cluster = Sample.Cluster with { NodeAddresses = PublicNodes(500) },
        };

        var status = SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, Sample.Options), new(), Sample.Options, Sample.Now);

        Assert.Null(status.DeniedRanges);
        Assert.InRange(status.DeniedRangeCount!.Value, 500, 2000);
    }

    private static PlatformOptions Internal { get; } = Sample.Options with
    {
        Router = new() { InternalServiceType = RouterServiceType.LoadBalancer },
    };

    private static Space Peering(params string[] ranges)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.PeerNetworks = [new() { Name = "hq", Cidrs = [.. ranges] }];
        return space;
    }

    /// <summary>Scattered as a cloud scatters them: over some hundred blocks of the provider, both families.</summary>
    private static string[] PublicNodes(int count) =>
    [
        .. Enumerable.Range(0, count).SelectMany(i => new[]
        {
            $"{(i % 2 == 0 ? 3 : 52)}.{i % 61}.{i * 7 % 251}.{i * 13 % 253}",
            $"2600:1f{i % 16:x2}:{i % 97:x}:{i * 31 % 4093:x}::{i:x}",
        }),
    ];

    private static SpacePlan Plan(ClusterFacts cluster, SpaceRuntime runtime = SpaceRuntime.Common) =>
        SpacePlanner.Plan(Sample.Observed(Sample.Space(runtime)) with { Cluster = cluster }, Sample.Options);

    private static IEnumerable<V1IPBlock> BlocksOf(SpacePlan plan, string policy) =>
        plan.Policies.Where(found => found.Metadata.Name == policy)
            .SelectMany(found => found.Spec.Egress)
                .SelectMany(rule => rule.To)
                .Select(peer => peer.IpBlock)
                .OfType<V1IPBlock>();

    private static IEnumerable<V1IPBlock> Blocks(SpacePlan plan) => BlocksOf(plan, "internet");

    private static HashSet<string> Exceptions(SpacePlan plan) =>
        [.. Blocks(plan).SelectMany(block => block.Except ?? [])];

    private static bool Reaches(SpacePlan plan, string address)
    {
        var target = IPAddress.Parse(address);
        return Blocks(plan).Any(block => IPNetwork.Parse(block.Cidr).Contains(target)
            && !(block.Except ?? []).Any(exception => IPNetwork.Parse(exception).Contains(target)));
    }

    private static int SizeOf(V1NetworkPolicy policy) => Encoding.UTF8.GetByteCount(KubernetesJson.Serialize(policy));
}
