using Dynospace.Api.Spaces;
using Dynospace.Planning.Routers;
using Dynospace.Planning.Tests.Samples;

namespace Dynospace.Planning.Tests.Routers;

/// <summary>What a router learns of dynos: no more than it must know, and nothing that may be wrong.</summary>
public sealed class CallerPlannerTests
{
    public static TheoryData<string, string[], string[], bool> Spaces => new()
    {
        { "the only address is trusted", ["203.0.113.10"], ["203.0.113.0/24"], true },
        { "every address is trusted", ["203.0.113.10", "203.0.113.11"], ["203.0.113.0/24"], true },
        { "one of two is not trusted", ["203.0.113.10", "192.0.2.11"], ["203.0.113.0/24"], false },
        { "two halves trust the whole", ["203.0.113.10"], ["203.0.113.0/28", "203.0.113.16/28"], true },
        { "IPv6 is trusted", ["2001:db8::10"], ["2001:db8::/64"], true },
        { "IPv6 is not trusted", ["203.0.113.10", "2001:db8::10"], ["203.0.113.0/24"], false },
        { "there is none", [], ["203.0.113.0/24"], false },
        { "one cannot be read", ["203.0.113.10", "203.0.113"], ["203.0.113.0/24"], false },
        { "a range is not an address", ["203.0.113.0/28"], ["203.0.113.0/24"], false },
    };

    [Theory]
    [MemberData(nameof(Spaces))]
    public void A_router_learns_of_the_dynos_whose_outbound_IPs_are_all_trusted(
        string what, string[] outbound, string[] trusted, bool isTold)
    {
        var plan = Plan(Caller("rival", outbound), Router("acme", trusted));

        Assert.True(isTold == (plan.Books.Count == 1), what);
        Assert.All(plan.Books, book =>
        {
            Assert.Equal("acme", book.Space.Metadata.Name);
            Assert.Equal(["10.244.1.7"], Assert.Single(book.Book.Spaces).Addresses);
        });
    }

    [Fact]
    public void What_was_granted_counts_before_what_the_spec_asks_for()
    {
        var caller = Caller("rival", "203.0.113.10");
        caller.Status = new() { OutboundIPs = ["192.0.2.7"] };

        Assert.Empty(Plan(caller, Router("acme", "203.0.113.0/24")).Books);
        Assert.Single(Plan(caller, Router("acme", "192.0.2.7/32")).Books);
    }

    [Fact]
    public void An_address_that_two_spaces_name_stands_for_neither() =>
        Assert.Empty(
            Plan(
                Caller("rival", "203.0.113.10"),
                Caller("third", "203.0.113.10", "203.0.113.11"),
                Router("acme", "203.0.113.0/24")).Books);

    [Fact]
    public void A_space_is_a_caller_of_its_own_router()
    {
        var space = Router("acme", "203.0.113.0/24");
        space.Spec.OutboundIPs = ["203.0.113.10"];

        Assert.Equal(["203.0.113.10"], Assert.Single(Assert.Single(Plan(space).Books).Book.Spaces).OutboundIPs);
    }

    [Fact]
    public void A_space_that_trusts_everybody_or_nobody_gets_no_book()
    {
        var plan = Plan(
            Caller("rival", "203.0.113.10"), Router("open", "0.0.0.0/0", "::/0"), Router("shut"), Common());

        Assert.Empty(plan.Books);
        Assert.NotNull(plan.Cluster);
    }

    [Fact]
    public void Common_spaces_alone_need_nothing() => Assert.Same(CallerPlan.Nothing, Plan(Common()));

    [Fact]
    public void A_space_that_is_being_deleted_judges_nobody()
    {
        var space = Router("acme", "203.0.113.0/24");
        space.Metadata.DeletionTimestamp = Sample.Now.UtcDateTime;

        Assert.Empty(Plan(Caller("rival", "203.0.113.10"), space).Books);
    }

    /// <summary>An address that is left out counts as the internet.</summary>
    [Fact]
    public void A_book_keeps_to_the_size_of_an_object()
    {
        var addresses = Enumerable.Range(0, 100_000).Select(i => $"10.{i / 65536}.{i / 256 % 256}.{i % 256}").ToList();
        var plan = CallerPlanner.Plan(
            [Caller("rival", "203.0.113.10"), Router("acme", "203.0.113.0/24")],
            _ => addresses,
            Sample.Cluster,
            Sample.Options,
            renewedAt: null);

        var book = Assert.Single(plan.Books);
        var size = book.Book.ToConfigMap(book.Router, Sample.Options).Data.Single().Value.Length;
        Assert.InRange(size, 800_000, 1_000_000);
        Assert.Equal(addresses.Count, book.LeftOut + book.Book.Spaces.Single().Addresses.Count);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        var plan = Plan(Caller("rival", "203.0.113.10"), Router("acme", "203.0.113.0/24"));
        var book = plan.Books.Single();

        Assert.Equal(plan.Cluster!.Ranges, ClusterBook.FromConfigMap(plan.Cluster.ToConfigMap(Sample.Options))!.Ranges);
        var map = book.Book.ToConfigMap(book.Router, Sample.Options);
        Assert.Equal("router-public-acme-callers", map.Metadata.Name);
        Assert.Equal(map.Data, CallerBook.FromConfigMap(map)!.ToConfigMap(book.Router, Sample.Options).Data);
        Assert.DoesNotContain("rival", map.Data.Single().Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"spaces":null}""")]
    [InlineData("""{"spaces":[null]}""")]
    [InlineData("""{"spaces":[{"outboundIPs":["203.0.113.10"]}]}""")]
    [InlineData("""[]""")]
    [InlineData("{")]
    public void A_book_that_cannot_be_read_tells_nothing(string text)
    {
        var map = new CallerBook().ToConfigMap(new(RouterListener.Public, "acme"), Sample.Options);
        map.Data["callers.json"] = text;

        Assert.Null(CallerBook.FromConfigMap(map));
    }

    private static Space Common() => Sample.Space(SpaceRuntime.Common, "playground");

    private static Space Caller(string name, params string[] outbound)
    {
        var space = Router(name);
        space.Spec.OutboundIPs = [.. outbound];
        return space;
    }

    private static Space Router(string name, params string[] trusted)
    {
        var space = Sample.Space(SpaceRuntime.Private, name);
        space.Spec.TrustedIPRanges = [.. trusted];
        return space;
    }

    private static CallerPlan Plan(params Space[] spaces) =>
        CallerPlanner.Plan(spaces, _ => ["10.244.1.7"], Sample.Cluster, Sample.Options, renewedAt: null);
}
