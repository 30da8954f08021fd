using CsCheck;
using Dynospace.Planning.Hosts;

namespace Dynospace.Planning.Tests.Hosts;

public sealed class DomainClaimsTests
{
    private const string Base = "apps.example";
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_app_has_its_generated_host_and_its_domains()
    {
        var shop = Claimant("shop", 0, "shop.example.com", "www.example.com");

        var granted = DomainClaims.Settle([shop], Base).HostsOf(shop);

        Assert.Equal(["shop.acme.apps.example", "shop.example.com", "www.example.com"], granted.Hosts);
        Assert.Empty(granted.Lost);
    }

    [Fact]
    public void A_domain_of_two_apps_is_the_older_ones()
    {
        var (younger, older) =
            (Claimant("aaa", 1, "shop.example.com", "aaa.example.com"), Claimant("zzz", 0, "shop.example.com"));
        var claims = DomainClaims.Settle([younger, older], Base);

        Assert.Equal(["zzz.acme.apps.example", "shop.example.com"], claims.HostsOf(older).Hosts);
        Assert.Equal(["aaa.acme.apps.example", "aaa.example.com"], claims.HostsOf(younger).Hosts);
        Assert.Equal(
            [new LostDomain("shop.example.com", older.Holder, IsReserved: false)], claims.HostsOf(younger).Lost);
    }

    [Fact]
    public void Of_two_apps_of_the_same_second_the_smaller_uid_has_it()
    {
        var (first, second) =
            (Claimant("b", 0, "shop.example.com") with
            {
                Uid = "1",
            }, Claimant("a", 0, "shop.example.com") with { Uid = "2" });

        Assert.Equal(first, DomainClaims.Settle([second, first], Base).OwnerOf("shop.example.com"));
    }

    [Theory]
    [InlineData("apps.example")]
    [InlineData("shop.other.apps.example")]
    [InlineData("deep.below.shop.acme.apps.example")]
    public void Nobody_can_ask_for_a_name_under_the_base_domain(string domain)
    {
        var thief = Claimant("thief", 0, domain);
        var claims = DomainClaims.Settle([thief], Base);

        Assert.Null(claims.OwnerOf(domain));
        Assert.Equal([new LostDomain(domain, null, IsReserved: true)], claims.HostsOf(thief).Lost);
    }

    [Fact]
    public void An_older_app_cannot_take_anothers_generated_host()
    {
        var (thief, shop) = (Claimant("thief", 0, "shop.acme.apps.example"), Claimant("shop", 1));
        var claims = DomainClaims.Settle([thief, shop], Base);

        Assert.Equal(shop, claims.OwnerOf("shop.acme.apps.example"));
        Assert.Equal(
            [new LostDomain("shop.acme.apps.example", shop.Holder, IsReserved: true)], claims.HostsOf(thief).Lost);
    }

    [Fact]
    public void An_app_may_ask_for_its_generated_host_and_has_it_once()
    {
        var shop = Claimant("shop", 0, "shop.acme.apps.example");

        Assert.Equal(["shop.acme.apps.example"], DomainClaims.Settle([shop], Base).HostsOf(shop).Hosts);
    }

    [Fact]
    public void A_name_that_only_ends_like_the_base_domain_is_free()
    {
        var shop = Claimant("shop", 0, "webapps.example");

        Assert.Equal(shop, DomainClaims.Settle([shop], Base).OwnerOf("webapps.example"));
    }

    [Fact]
    public void Hosts_are_found_however_they_are_written()
    {
        var shop = Claimant("shop", 0, "shop.example.com");

        Assert.Equal(shop, DomainClaims.Settle([shop], Base).OwnerOf("SHOP.example.COM"));
    }

    /// <summary>
    /// The order in which a cache lists apps says nothing, and the rivals of one app are enough to judge it.
    /// </summary>
    [Fact]
    public void Every_host_has_one_owner_whatever_the_order_and_however_many_look_on()
    {
        var domain = Gen.Int[0, 5].Select(i => $"d{i}.example.com");
        var claimant = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 2], Gen.Int[0, 3], domain.Array[0, 4])
            .Select(
                (app, space, second, domains) => new DomainClaimant(
                    $"s{space}", $"a{app}", $"{space}-{app}", Start.AddSeconds(second), domains.Distinct().ToArray()));
        var worlds = claimant.Array[0, 12].Select(all => all.DistinctBy(item => item.Uid).ToArray());

        worlds.Sample(all =>
        {
            var claims = DomainClaims.Settle(all, Base);
            var reversed = DomainClaims.Settle(all.Reverse(), Base);
            var granted = all.SelectMany(item => claims.HostsOf(item).Hosts).ToList();

            Assert.Equal(granted.Count, granted.Distinct().Count());
            foreach (var one in all)
            {
                var rivals = all.Where(other => other.Domains.Intersect(one.Domains).Any()).Append(one).Distinct();
                Assert.Equal(claims.HostsOf(one).Hosts, reversed.HostsOf(one).Hosts);
                Assert.Equal(claims.HostsOf(one).Hosts, DomainClaims.Settle(rivals, Base).HostsOf(one).Hosts);
                Assert.Equal(one.Domains.Count, claims.HostsOf(one).Hosts.Count - 1 + claims.HostsOf(one).Lost.Count);
            }
        });
    }

    private static DomainClaimant Claimant(string app, int second, params string[] domains) =>
        new("acme", app, $"uid-{app}", Start.AddSeconds(second), domains);
}
