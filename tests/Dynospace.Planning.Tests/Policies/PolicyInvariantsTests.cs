using System.Net;
using CsCheck;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Policies;

public sealed class PolicyInvariantsTests
{
    private static readonly Gen<string> Range = Gen.OneOf(
        Gen.Select(Gen.UInt, Gen.Int[0, 32]).Select((bits, prefix) => Masked(new IPAddress(bits).ToString(), prefix)),
        Gen.Select(Gen.Byte.Array[16], Gen.Int[0, 128]).Select((bytes, prefix) => Masked(Unmapped(bytes), prefix)));

    [Fact]
    public void Every_exception_lies_strictly_inside_its_range_as_the_API_server_demands() =>
        Gen.Select(Range.Array[0, 6], Range.Array[0, 6]).Sample((rules, cluster) =>
            Assert.All(
                Blocks(Plan(rules, cluster)),
                block => Assert.All(block.Except ?? [], exception => AssertStrictlyInside(block.Cidr, exception))));

    [Fact]
    public void No_rule_reaches_a_denied_range_whatever_rules_and_cluster_ranges_there_are() =>
        Gen.Select(Range.Array[0, 6], Range.Array[1, 6]).Sample((rules, cluster) =>
        {
            var plan = Plan(rules, cluster);
            var denied = plan.DeniedRanges.Select(range => IPNetwork.Parse(range).BaseAddress)
                .Where(address => !IsGate(address))
                .ToArray();
            Assert.All(Blocks(plan), block => Assert.DoesNotContain(denied, address => Reaches(block, address)));
        });

    [Fact]
    public void The_same_space_gives_the_same_policies_in_the_same_order() =>
        Range.Array[0, 6].Sample(cluster =>
            Testing.Golden.GoldenObjects.ToYaml(
                Plan([], cluster).Policies) == Testing.Golden.GoldenObjects.ToYaml(
                    Plan([], [.. cluster.Reverse()]).Policies));

    [Theory]
    [InlineData(SpaceRuntime.Common)]
    [InlineData(SpaceRuntime.Private)]
    [InlineData(SpaceRuntime.Shield)]
    public void A_space_of_a_thousand_apps_has_the_policies_of_an_empty_one(SpaceRuntime runtime)
    {
        var empty = Sample.Observed(Sample.Space(runtime));
        var full = empty with { Apps = 1000, Dynos = new(10_000, 10_000, 10_000), DynoPods = 10_000 };

        Assert.Equal(
            Testing.Golden.GoldenObjects.ToYaml(SpacePlanner.Plan(empty, Sample.Options).Policies),
            Testing.Golden.GoldenObjects.ToYaml(SpacePlanner.Plan(full, Sample.Options).Policies));
    }

    [Fact]
    public void Denial_comes_first() =>
        Assert.All(
            Enum.GetValues<SpaceRuntime>(),
            runtime => Assert.Equal(
                "default-deny",
                SpacePlanner.Plan(Sample.Observed(Sample.Space(runtime)), Sample.Options).Policies[0].Metadata.Name));

    [Theory]
    [InlineData("10.0.0.0/8")]
    [InlineData("100.64.0.0/10")]
    [InlineData("172.16.0.0/12")]
    [InlineData("192.168.0.0/16")]
    [InlineData("127.0.0.0/8")]
    [InlineData("169.254.0.0/16")]
    [InlineData("224.0.0.0/4")]
    [InlineData("198.51.100.11/32")]
    [InlineData("168.63.129.16/32")]
    [InlineData("fc00::/7")]
    [InlineData("fe80::/10")]
    [InlineData("ff00::/8")]
    [InlineData("fd00:ec2::254/128")]
    [InlineData("2002::/16")]
    [InlineData("64:ff9b:1::/48")]
    [InlineData("64:ff9b::a00:0/104")]
    [InlineData("64:ff9b::a9fe:a9fe/128")]
    [InlineData("2001:db8:1::11/128")]
    public void This_range_is_denied_and_shown(string range)
    {
        var denied = SpacePlanner.Plan(Sample.Observed(Sample.Space()), Sample.Options).DeniedRanges.Select(
            IPNetwork.Parse);
        var wanted = IPNetwork.Parse(range);

        Assert.Contains(
            denied,
            candidate => candidate.PrefixLength <= wanted.PrefixLength && candidate.Contains(wanted.BaseAddress));
    }

    private static SpacePlan Plan(string[] rules, string[] clusterRanges)
    {
        var space = Sample.ConnectedSpace();
        space.Spec.Egress = new() { Rules = [.. rules.Select(rule => new EgressRule { Cidr = rule })] };
        return SpacePlanner.Plan(
            Sample.Observed(space) with { Cluster = Sample.Cluster with { NodeAddresses = clusterRanges } },
            Sample.Options);
    }

    /// <summary>DNS and what people named are allowed on purpose; the internet is what must avoid the rest.</summary>
    private static IEnumerable<V1IPBlock> Blocks(SpacePlan plan) =>
        plan.Policies.Where(policy => policy.Metadata.Name == "internet")
            .SelectMany(policy => policy.Spec.Egress).SelectMany(rule => rule.To).Select(peer => peer.IpBlock)
            .Where(block => block.Cidr != "169.254.77.77/32");

    private static bool IsGate(IPAddress address) => address.Equals(IPAddress.Parse(Sample.Options.Egress.GateAddress));

    private static bool Reaches(V1IPBlock block, IPAddress address) =>
        IPNetwork.Parse(block.Cidr).Contains(address)
        && !(block.Except ?? []).Any(exception => IPNetwork.Parse(exception).Contains(address));

    private static void AssertStrictlyInside(string outer, string inner)
    {
        var (whole, part) = (IPNetwork.Parse(outer), IPNetwork.Parse(inner));
        Assert.True(
            part.PrefixLength > whole.PrefixLength && whole.Contains(part.BaseAddress),
            $"{inner} is not strictly inside {outer}");
    }

    private static string Masked(string address, int prefix)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return $"{new IPAddress(bytes)}/{prefix}";
    }

    /// <summary>The schema's isCIDR refuses IPv4-mapped addresses.</summary>
    private static string Unmapped(byte[] bytes)
    {
        bytes[0] |= 0x20;
        return new IPAddress(bytes).ToString();
    }
}
