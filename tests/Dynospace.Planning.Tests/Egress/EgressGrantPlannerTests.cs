using CsCheck;
using Dynospace.Api;
using Dynospace.Api.Egress;
using Dynospace.Api.Spaces;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Facts;
using Dynospace.Planning.Options;

namespace Dynospace.Planning.Tests.Egress;

/// <summary>A fixed IP stays with the Space that was granted it first, as long as one of its dynos uses it.</summary>
public sealed class EgressGrantPlannerTests
{
    private const string Address = "203.0.113.10";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly PlatformOptions Options = new();

    [Fact]
    public void A_free_address_is_granted_with_a_number_of_its_own()
    {
        var plan = Plan([Claim("acme", Address, "2001:db8::10")], [new("203.0.113.99", "bank", 7)], ["bank"]);

        Assert.Equal([(Address, 8), ("2001:db8::10", 9)], plan.Create.Select(grant => (grant.Address, grant.Number)));
        Assert.All(plan.Create, grant => Assert.Equal("acme", grant.Space));
    }

    [Fact]
    public void An_older_space_does_not_take_a_granted_address()
    {
        var plan = Plan([Claim("acme", Address)], [new(Address, "bank", 1)], ["bank"], inUse: [("bank", Address)]);

        Assert.Empty(plan.Create);
        Assert.Empty(plan.Delete);
    }

    [Fact]
    public void Of_two_new_claims_the_older_space_gets_the_address()
    {
        var plan = Plan(
            [Claim("young", Address) with { Created = Now }, Claim("old", Address) with { Created = Now.AddDays(-1) }]);

        Assert.Equal(["old"], plan.Create.Select(grant => grant.Space));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void An_address_that_left_the_spec_is_freed_when_the_last_dyno_on_it_is_gone(bool isInUse, bool isFreed)
    {
        (string, string)[] inUse = isInUse ? [("acme", "203.0.113.11")] : [];
        var plan = Plan(
            [Claim("acme", Address)], [new(Address, "acme", 1), new("203.0.113.11", "acme", 2)], ["acme"], inUse);

        Assert.Equal(isFreed ? ["203.0.113.11"] : [], plan.Delete.Select(grant => grant.Address));
    }

    [Theory]
    [InlineData(null, false, true)]
    [InlineData(0, false, false)]
    [InlineData(599, false, false)]
    [InlineData(600, true, false)]
    public void The_address_of_a_missing_space_is_free_after_a_grace(int? secondsVacant, bool isGranted, bool isMarked)
    {
        var grant = new EgressGrant(Address, "bank", 4)
        {
            Uid = "u",
            VacantSince = secondsVacant is { } seconds ? Now.AddSeconds(-seconds) : null,
        };

        var plan = Plan([Claim("acme", Address)], [grant], ["acme"]);

        Assert.Equal(isGranted ? ["acme"] : [], plan.Create.Select(created => created.Space));
        Assert.Equal(isGranted ? [grant] : [], plan.Delete);
        Assert.Equal(isMarked ? [grant] : [], plan.Vacant);
        Assert.Equal(!isGranted, plan.RecheckAfter is not null);
    }

    [Fact]
    public void A_missing_space_keeps_its_address_while_pods_use_it()
    {
        var grant = new EgressGrant(Address, "bank", 4) { Uid = "u", VacantSince = Now.AddDays(-1) };

        var plan = Plan([Claim("acme", Address)], [grant], ["acme"], [("bank", Address)]);

        Assert.Empty(plan.Create);
    }

    [Fact]
    public void A_space_that_was_seen_to_go_leaves_its_addresses_at_once()
    {
        var plan = Plan([Claim("acme", Address)], [new(Address, "bank", 4)], ["acme"], deleted: ["bank"]);

        Assert.Equal([Address], plan.Delete.Select(grant => grant.Address));
        Assert.Equal(["acme"], plan.Create.Select(grant => grant.Space));
    }

    [Fact]
    public void A_space_that_returns_from_a_backup_finds_its_addresses()
    {
        var grant = new EgressGrant(Address, "acme", 4) { Uid = "u", VacantSince = Now.AddHours(-1) };

        var plan = Plan([Claim("acme", Address)], [grant], ["acme"]);

        Assert.Equal([grant], plan.Reoccupied);
        Assert.Empty(plan.Create.Concat(plan.Delete));
    }

    [Fact]
    public void A_count_takes_addresses_of_each_family_that_the_pool_has_and_that_no_spec_names()
    {
        var options = WithPool("203.0.113.8/30", "2001:db8::/126");

        var plan = Plan([Count("acme", 2), Claim("bank", "203.0.113.8")], options: options);

        Assert.Equal(
            ["203.0.113.9", "203.0.113.10", "2001:db8::", "2001:db8::1"],
            plan.Create.Where(grant => grant.Space == "acme").Select(grant => grant.Address));
    }

    [Fact]
    public void A_smaller_count_gives_back_the_youngest()
    {
        var plan = Plan(
            [Count("acme", 1)],
            [new("203.0.113.9", "acme", 5), new("203.0.113.8", "acme", 9)],
            ["acme"],
            options: WithPool("203.0.113.8/29"));

        Assert.Equal(["203.0.113.8"], plan.Delete.Select(grant => grant.Address));
    }

    [Theory]
    [InlineData("203.0.113.010", "is not an IP address")]
    [InlineData("203.0.113.10/32", "is not an IP address")]
    [InlineData("2001:DB8::10", "is not in canonical form: write 2001:db8::10")]
    [InlineData("2001:db8:0::10", "is not in canonical form: write 2001:db8::10")]
    [InlineData("::ffff:203.0.113.10", "is not an IP address")]
    [InlineData("127.0.0.1", "loopback, link-local")]
    [InlineData("169.254.77.77", "loopback, link-local")]
    [InlineData("ff02::1", "loopback, link-local")]
    [InlineData("10.96.0.7", "belongs to the cluster's own pods, Services or nodes")]
    [InlineData("198.51.100.1", "belongs to the cluster's own pods, Services or nodes")]
    public void What_cannot_be_a_fixed_ip_is_named_with_field_value_and_remedy(string address, string expected)
    {
        var cluster = new ClusterFacts { ServiceRanges = ["10.96.0.0/16"], NodeAddresses = ["198.51.100.1"] };

        var claimed = Claimed(Claim("acme", "203.0.113.1", address), cluster: cluster);

        var problem = Assert.Single(claimed.Problems, problem => problem.Reason == Reasons.AddressRefused);
        Assert.StartsWith($"spec.outboundIPs[1] ", problem.Message, StringComparison.Ordinal);
        Assert.Contains(address, problem.Message, StringComparison.Ordinal);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Contains(": ", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_address_is_refused_only_where_the_option_says_public()
    {
        var strict = new PlatformOptions { Egress = new() { IsPublicOnly = true } };

        Assert.Equal(Reasons.Progressing, Claimed(Claim("acme", "10.1.2.3")).Problems.Single().Reason);
        Assert.Contains(
            "egressPublicOnly",
            Claimed(Claim("acme", "10.1.2.3"), options: strict).Problems.Single().Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_outside_the_pool_is_refused() => Assert.Contains(
        "is not in the operator's pool 203.0.113.8/29",
        Claimed(Claim("acme", "203.0.113.99"), options: WithPool("203.0.113.8/29")).Problems.Single().Message,
        StringComparison.Ordinal);

    /// <summary>A cloud brings packets to a node's own address.</summary>
    [Fact]
    public void A_nodes_own_address_may_be_a_fixed_ip_where_it_is_not_announced()
    {
        var cluster = new ClusterFacts { NodeAddresses = ["198.51.100.1"] };
        var options = new PlatformOptions { Egress = new() { Addresses = EgressAddressMode.Present } };

        Assert.Equal(
            Reasons.Progressing,
            Claimed(Claim("acme", "198.51.100.1"), cluster: cluster, options: options).Problems.Single().Reason);
    }

    [Fact]
    public void The_loser_does_not_learn_who_has_the_address()
    {
        var claimed = Claimed(Claim("acme", Address), [new(Address, "bank", 1)]);

        var problem = Assert.Single(claimed.Problems);
        Assert.Equal(Reasons.AddressTaken, problem.Reason);
        Assert.DoesNotContain("bank", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_survives_its_configmap()
    {
        var grant = new EgressGrant("2001:db8::10", "acme", 12);

        Assert.Equal(grant, EgressGrant.FromConfigMap(grant.ToConfigMap("dynospace-system")));
    }

    /// <summary>Whatever is asked for in whatever order: no address and no number twice, and no holder loses.</summary>
    [Fact]
    public void No_address_and_no_number_is_ever_given_twice() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 5], Gen.Int[0, 7].List[0, 4], Gen.Int[0, 3]).List[0, 6],
            Gen.Select(Gen.Int[0, 7], Gen.Int[0, 5]).List[0, 6]).Sample((asked, held) =>
        {
            var claims = asked.DistinctBy(claim => claim.Item1).Select(claim => claim.Item3 > 0
                ? Count($"s{claim.Item1}", claim.Item3)
                : Claim($"s{claim.Item1}", [.. claim.Item2.Distinct().Select(At)])).ToList();
            var grants = held.DistinctBy(grant => grant.Item1)
                .Select((grant, i) => new EgressGrant(At(grant.Item1), $"s{grant.Item2}", i + 1)).ToList();
            HashSet<(string, string)> inUse = [.. grants.Select(grant => (grant.Space, grant.Address))];
            var plan = Plan(
                claims, grants, [.. Enumerable.Range(0, 6).Select(i => $"s{i}")], [.. inUse],
                WithPool("203.0.113.0/29"));

            var after = grants.Except(plan.Delete).Concat(plan.Create).ToList();
            return after.Select(grant => grant.Address).Distinct().Count() == after.Count
                && after.Select(grant => grant.Number).Distinct().Count() == after.Count
                && plan.Delete.Count == 0
                && plan.Create.All(grant => grants.TrueForAll(old => old.Address != grant.Address));
        });

    /// <summary>The second look at what the first one did changes nothing.</summary>
    [Fact]
    public void A_plan_that_was_carried_out_is_followed_by_an_empty_one() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 7].List[0, 4], Gen.Int[0, 3]).List[0, 6].Sample(asked =>
        {
            var claims = asked.DistinctBy(claim => claim.Item1).Select(claim => claim.Item3 > 0
                ? Count($"s{claim.Item1}", claim.Item3)
                : Claim($"s{claim.Item1}", [.. claim.Item2.Distinct().Select(At)])).ToList();
            string[] spaces = [.. claims.Select(claim => claim.Space)];
            var options = WithPool("203.0.113.0/29");
            var first = Plan(claims, [], spaces, options: options);
            var second = Plan(claims, first.Create, spaces, options: options);
            return second.Create.Count + second.Delete.Count + second.Vacant.Count == 0;
        });

    private static string At(int host) => $"203.0.113.{host}";

    private static EgressClaim Claim(string space, params string[] addresses) =>
        new(space, EgressProvider.Builtin) { Created = Now.AddDays(-2), Uid = space, Addresses = addresses };

    private static EgressClaim Count(string space, int count) => Claim(space) with { Count = count };

    private static PlatformOptions WithPool(params string[] pool) => new() { Egress = new() { Pool = pool } };

    private static ClaimedIPs Claimed(
        EgressClaim claim,
        EgressGrant[]? grants = null,
        ClusterFacts? cluster = null,
        PlatformOptions? options = null) => ClaimedIPs.FromClaim(
            claim,
            claim.Space,
            (grants ?? []).ToDictionary(grant => grant.Address),
            _ => false,
            cluster ?? ClusterFacts.Unknown,
            options ?? Options);

    private static EgressGrantPlan Plan(
        IReadOnlyList<EgressClaim> claims,
        IReadOnlyList<EgressGrant>? grants = null,
        IReadOnlyList<string>? spaces = null,
        IReadOnlyList<(string, string)>? inUse = null,
        PlatformOptions? options = null,
        IReadOnlyList<string>? deleted = null) => EgressGrantPlanner.Plan(
            new()
            {
                Claims = claims,
                Grants = grants ?? [],
                Spaces = (spaces ?? [.. claims.Select(claim => claim.Space)]).ToHashSet(),
                Deleted = (deleted ?? []).ToHashSet(),
                InUse = (inUse ?? []).ToHashSet(),
                Now = Now,
            },
            options ?? Options);
}
