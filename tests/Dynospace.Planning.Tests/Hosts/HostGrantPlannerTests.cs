using CsCheck;
using Dynospace.Api.Apps;
using Dynospace.Planning.Hosts;
using k8s.Models;

namespace Dynospace.Planning.Tests.Hosts;

/// <summary>First granted keeps a host until given up, whatever the age of those that ask for it.</summary>
public sealed class HostGrantPlannerTests
{
    private const string Host = "shop.example.com";
    private const string Base = "apps.example";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly HostHolder Me = new("acme", "shop");
    private static readonly HostHolder Other = new("bank", "web");

    [Fact]
    public void A_free_domain_is_claimed() => Assert.Equal([Host], Plan(null).Claim);

    [Fact]
    public void An_older_app_does_not_take_a_granted_host()
    {
        var plan = Plan(new HostGrant(Host, Other), holderExists: true);

        Assert.Empty(plan.Claim);
        Assert.Equal([new LostDomain(Host, Other, IsReserved: false)], plan.Lost);
    }

    [Fact]
    public void A_granted_host_is_kept_beside_an_older_rival()
    {
        var plan = Plan(new HostGrant(Host, Me), rivals: (Rival(-1), true));

        Assert.Equal([Host], plan.Held);
        Assert.Empty(plan.Lost);
    }

    [Theory]
    [InlineData(false, -1, false, false)]
    [InlineData(false, 1, false, true)]
    [InlineData(true, -1, false, true)]
    [InlineData(false, 1, true, false)]
    [InlineData(true, -1, true, false)]
    [InlineData(true, 1, true, true)]
    public void Without_a_record_who_served_the_host_before_comes_first_and_then_the_older(
        bool isServed, int rivalAge, bool isServedByRival, bool isClaimed)
    {
        var plan = Plan(null, isServed: isServed, rivals: (Rival(rivalAge), isServedByRival));

        Assert.Equal(isClaimed ? [Host] : [], plan.Claim);
        Assert.Equal(isClaimed ? [] : [new LostDomain(Host, Other, IsReserved: false)], plan.Lost);
    }

    [Theory]
    [InlineData(null, true, false)]
    [InlineData(0, false, false)]
    [InlineData(599, false, false)]
    [InlineData(600, false, true)]
    public void The_host_of_a_missing_app_is_free_after_a_grace(int? secondsVacant, bool isMarked, bool isClaimed)
    {
        var grant = new HostGrant(Host, Other)
        {
            VacantSince = secondsVacant is { } seconds ? Now - TimeSpan.FromSeconds(seconds) : null,
        };

        var plan = Plan(grant);

        Assert.Equal(isMarked ? [grant] : [], plan.Vacant);
        Assert.Equal(isClaimed ? [grant] : [], plan.Expired);
        Assert.Equal(isClaimed ? [Host] : [], plan.Claim);
        Assert.Equal(isClaimed, plan.RecheckAfter is null);
        Assert.Equal(
            isClaimed ? [] : [Now + TimeSpan.FromSeconds(600 - (secondsVacant ?? 0))],
            plan.Lost.Select(lost => lost.FreeAt!.Value));
    }

    [Fact]
    public void An_app_that_returns_keeps_its_host()
    {
        var grant = new HostGrant(Host, Me) { VacantSince = Now.AddDays(-1) };

        var plan = HostGrantPlanner.Plan(App(false), [new(Host, grant, true, [])], [grant], Base, Now);

        Assert.Equal([Host], plan.Held);
        Assert.Equal([grant], plan.Reoccupied);
    }

    [Fact]
    public void A_removed_domain_is_given_up()
    {
        var grant = new HostGrant("old.example.com", Me);

        var plan = HostGrantPlanner.Plan(App(false), [new(Host, null, false, [])], [grant], Base, Now);

        Assert.Equal([grant], plan.GivenUp);
    }

    [Fact]
    public void A_name_under_the_base_domain_is_never_claimed()
    {
        var plan = HostGrantPlanner.Plan(App(false), [new("x.apps.example", null, false, [])], [], Base, Now);

        Assert.Equal([new LostDomain("x.apps.example", null, IsReserved: true)], plan.Lost);
        Assert.Empty(plan.Claim);
    }

    [Fact]
    public void A_record_is_read_back_as_it_was_written() =>
        Gen.Select(Gen.String[Gen.Char["abc.-1"], 1, 253], Gen.Bool).Sample((host, _) =>
        {
            var grant = new HostGrant(host, Me);
            var map = grant.ToConfigMap("dynospace-system");

            Assert.Equal(grant, HostGrant.FromConfigMap(map));
            Assert.Matches("^host-[0-9a-f]{32}$", map.Metadata.Name);
        });

    [Fact]
    public void A_map_whose_name_belongs_to_another_host_is_not_a_record()
    {
        var map = new HostGrant(Host, Me).ToConfigMap("dynospace-system");
        map.Data["host"] = "other.example.com";

        Assert.Null(HostGrant.FromConfigMap(map));
        Assert.Null(HostGrant.FromConfigMap(new V1ConfigMap { Metadata = new() { Name = "host-1" } }));
    }

    private static HostGrantPlan Plan(
        HostGrant? grant,
        bool holderExists = false,
        bool isServed = false,
        params (DomainClaimant Claimant, bool IsServed)[] rivals) =>
        HostGrantPlanner.Plan(App(isServed), [new(Host, grant, holderExists, rivals)], [], Base, Now);

    private static DomainClaimant Rival(int age) => new(Other.Space, Other.App, "uid-other", Now.AddHours(age), [Host]);

    private static App App(bool isServed) => new()
    {
        Metadata = new()
        {
            NamespaceProperty = Me.Space,
            Name = Me.App,
            Uid = "uid-me",
            CreationTimestamp = Now.UtcDateTime,
        },
        Spec = new() { Domains = [Host] },
        Status = new() { Hosts = isServed ? [Host] : null },
    };
}
