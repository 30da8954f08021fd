using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Policies;
using Dynospace.Planning.Spaces;
using Dynospace.Planning.Tests.Samples;
using k8s.Models;

namespace Dynospace.Planning.Tests.Policies;

public sealed class RangeConflictTests
{
    public static TheoryData<string, Action<SpaceSpec>, string, string> Conflicts => new()
    {
        { "an egress rule into a private network", spec => Rule(
            spec, "10.1.0.0/16"), "internet", "spec.egress.rules[0].cidr 10.1.0.0/16 lies in 10.0.0.0/8" },
        { "an egress rule to a node's public address", spec => Rule(
            spec, "198.51.100.11/32"), "internet", "lies in 198.51.100.11/32" },
        { "an egress rule to the metadata address", spec => Rule(
            spec, "169.254.169.254/32"), "internet", "lies in 169.254.0.0/16" },
        { "a peer network in the pods' range", spec => Peer(
            spec, "10.244.7.0/24"), "peer-networks", "spec.peerNetworks[net0].cidrs 10.244.7.0/24 overlaps" },
        { "a peer network over everything", spec => Peer(spec, "0.0.0.0/0"), "peer-networks", "overlaps 0.0.0.0/8" },
        { "a peer network over everything in IPv6", spec => Peer(spec, "::/0"), "peer-networks", "overlaps" },
        { "two peer networks that overlap", spec => Peer(
            spec,
            "10.40.0.0/16",
            "10.40.8.0/24"), "peer-networks", "overlaps spec.peerNetworks[net0].cidrs 10.40.0.0/16" },
        { "a data service at a Service's address", spec => Data(
            spec, "10.96.0.1/32"), "data-services", "spec.dataServices[db].cidrs 10.96.0.1/32 overlaps 10.96.0.0/12" },
        { "a data service at the metadata address", spec => Data(
            spec, "169.254.169.254/32"), "data-services", "overlaps 169.254.0.0/16" },
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void A_conflict_is_reported_and_withheld(
        string what, Action<SpaceSpec> change, string policy, string message)
    {
        var space = Sample.Space(SpaceRuntime.Private);
        change(space.Spec);

        var plan = SpacePlanner.Plan(Sample.Observed(space), Sample.Options);

        Assert.NotEmpty(what);
        var warning = Assert.Single(plan.Warnings);
        Assert.Equal(Reasons.RangeConflict, warning.Reason);
        Assert.Contains(message, warning.Message, StringComparison.Ordinal);
        Assert.Null(plan.Problem);
        var ranges = plan.Policies.Where(planned => planned.Metadata.Name == policy).SelectMany(CidrsOf);
        var harmless = policy switch { "internet" => new[] { "169.254.77.77/32" }, _ => ["10.40.0.0/16"] };
        Assert.All(ranges, range => Assert.Contains(range, harmless));
    }

    [Fact]
    public void The_last_good_policy_stays_in_force()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        Rule(space.Spec, "203.0.113.0/24");
        var good = Applied(space);
        Rule(space.Spec, "10.1.0.0/16");

        var plan = SpacePlanner.Plan(good with { Space = space }, Sample.Options);

        Assert.DoesNotContain(plan.Policies, policy => policy.Metadata.Name == "internet");
        Assert.Empty(plan.PoliciesToDelete);
        Assert.Equal(Reasons.RangeConflict, Assert.Single(plan.Warnings).Reason);
    }

    [Fact]
    public void A_last_good_policy_into_which_the_cluster_grew_does_not_stay()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        Rule(space.Spec, "203.0.113.0/24");
        var grown = Applied(space) with { Cluster = Sample.Cluster with { NodeAddresses = ["203.0.113.0/24"] } };

        var plan = SpacePlanner.Plan(grown, Sample.Options);

        var internet = Assert.Single(plan.Policies, policy => policy.Metadata.Name == "internet");
        Assert.Equal(["169.254.77.77/32"], CidrsOf(internet));
        Assert.Equal(Reasons.RangeConflict, Assert.Single(plan.Warnings).Reason);
    }

    [Fact]
    public void A_peer_network_that_conflicts_takes_no_other_down()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        Peer(space.Spec, "10.40.0.0/16", "10.244.0.0/24");

        var plan = SpacePlanner.Plan(Sample.Observed(space), Sample.Options);

        Assert.Equal(
            ["10.40.0.0/16"], CidrsOf(Assert.Single(plan.Policies, policy => policy.Metadata.Name == "peer-networks")));
    }

    [Fact]
    public void Network_isolation_holds_under_a_conflict_and_the_space_is_stalled()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        Rule(space.Spec, "10.1.0.0/16");
        var observed = Sample.Observed(space);

        var status = SpaceStatusBuilder.Build(
            observed, SpacePlanner.Plan(observed, Sample.Options), new(), Sample.Options, Sample.Now);

        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.NetworkIsolated));
        Assert.Equal(Reasons.RangeConflict, Conditions.Find(status.Conditions, ConditionTypes.Ready)?.Reason);
        Assert.True(Conditions.IsTrue(status.Conditions, ConditionTypes.Stalled));
    }

    [Fact]
    public void A_data_service_among_the_routers_is_refused()
    {
        var space = Sample.Space(SpaceRuntime.Private);
        space.Spec.DataServices =
        [
            new() { Name = "db", Namespace = "dynospace-system", PodSelector = new(), Ports = [5000] },
        ];

        var plan = SpacePlanner.Plan(Sample.Observed(space), Sample.Options);

        Assert.Equal(Reasons.DataServiceRefused, Assert.Single(plan.Warnings).Reason);
        Assert.DoesNotContain(plan.Policies, policy => policy.Metadata.Name == "data-services");
    }

    /// <summary>What is observed once the plan for the space was applied.</summary>
    private static ObservedSpace Applied(Space space)
    {
        var observed = Sample.Observed(space);
        return observed with
        {
            Policies = [.. SpacePlanner.Plan(observed, Sample.Options).Policies.Select(PolicyFacts.FromPolicy)],
        };
    }

    private static IEnumerable<string> CidrsOf(V1NetworkPolicy policy) =>
        policy.Spec.Egress.SelectMany(rule => rule.To)
            .Where(peer => peer.IpBlock is not null)
            .Select(peer => peer.IpBlock.Cidr);

    private static void Rule(SpaceSpec spec, string cidr) => spec.Egress = new() { Rules = [new() { Cidr = cidr }] };

    private static void Peer(SpaceSpec spec, params string[] cidrs) =>
        spec.PeerNetworks = [.. cidrs.Select((cidr, i) => new PeerNetwork { Name = $"net{i}", Cidrs = [cidr] })];

    private static void Data(SpaceSpec spec, string cidr) =>
        spec.DataServices = [new() { Name = "db", Cidrs = [cidr], Ports = [5432] }];
}
