using System.Globalization;
using System.Net;
using System.Text.Json;
using Dynospace.Planning.Routers;
using Dynospace.Router.Cluster;
using Dynospace.Router.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Router.Tests.Cluster;

/// <summary>How long what the operator says of a dyno is believed.</summary>
public sealed class CallerStateTests : IDisposable
{
    private static readonly AddressRanges Trusted = AddressRanges.Parse(["203.0.113.0/24", "10.0.0.0/8"]);
    private readonly FakeTimeProvider _clock = new();
    private readonly CallerState _state;
    private int _changes;

    public CallerStateTests() => _state = new CallerState(_clock, () => _changes++);

    [Fact]
    public void Before_the_cluster_is_known_nobody_is_a_client()
    {
        _state.OnBook(Book("10.244.1.7"));

        Assert.False(Admits("203.0.113.9"));
        Assert.False(Admits("10.244.1.7"));

        _state.OnCluster(new(["10.244.0.0/16"]));

        Assert.True(Admits("203.0.113.9"));
        Assert.True(Admits("10.20.0.9"));
    }

    [Fact]
    public void A_dyno_is_believed_once_the_operator_is_known_to_live()
    {
        Begin("10.244.1.7");
        Assert.False(Admits("10.244.1.7"));

        _state.OnSign("12:00:00");
        Assert.False(Admits("10.244.1.7"));

        _state.OnSign("12:00:02");
        Assert.True(Admits("10.244.1.7"));
        Assert.False(Admits("10.244.1.8"));
    }

    [Fact]
    public void Without_a_sign_of_life_a_dyno_is_believed_no_longer_and_clients_are()
    {
        Live("10.244.1.7");
        _clock.Advance(CallerState.Patience - TimeSpan.FromSeconds(1));
        _state.OnSign("again");
        _clock.Advance(CallerState.Patience - TimeSpan.FromSeconds(1));
        Assert.True(Admits("10.244.1.7"));
        var before = _changes;

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.False(Admits("10.244.1.7"));
        Assert.True(Admits("203.0.113.9"));
        Assert.Equal(before + 1, _changes);

        _state.OnSign("back");
        Assert.True(Admits("10.244.1.7"));
    }

    [Fact]
    public void An_address_that_changed_hands_inherits_nothing()
    {
        Live("10.244.1.7");

        _state.OnBook(Book("10.244.1.9"));

        Assert.False(Admits("10.244.1.7"));
        Assert.True(Admits("10.244.1.9"));
    }

    [Fact]
    public void A_book_that_went_or_cannot_be_read_tells_of_nobody()
    {
        Live("10.244.1.7");

        _state.OnBook(null);

        Assert.False(Admits("10.244.1.7"));
    }

    [Fact]
    public void An_address_of_two_spaces_is_nobodys()
    {
        Live("10.244.1.7");
        var twice = new CallingSpace(["203.0.113.10"], ["10.244.1.7"]);

        _state.OnBook(new() { Spaces = [twice, twice with { OutboundIPs = ["203.0.113.11"] }] });

        Assert.False(Admits("10.244.1.7"));
    }

    [Theory]
    [InlineData("203.0.113.10,x")]
    [InlineData("")]
    public void Outbound_IPs_that_cannot_be_read_trust_nobody(string outbound)
    {
        Live("10.244.1.7");

        _state.OnBook(new() { Spaces = [new(outbound.Split(','), ["10.244.1.7"])] });

        Assert.False(Admits("10.244.1.7"));
    }

    /// <summary>An operator without a Lease renews the book itself.</summary>
    [Fact]
    public void A_renewed_book_is_a_sign_of_life()
    {
        _state.OnCluster(new(["10.244.0.0/16"]));
        _state.OnBook(Book("10.244.1.7") with { RenewedAt = _clock.GetUtcNow() });
        Assert.False(Admits("10.244.1.7"));

        _state.OnBook(Book("10.244.1.7") with { RenewedAt = _clock.GetUtcNow().AddSeconds(5) });
        Assert.True(Admits("10.244.1.7"));

        _clock.Advance(CallerState.Patience);
        Assert.False(Admits("10.244.1.7"));
    }

    [Theory]
    [InlineData("""{"spec":{"holderIdentity":"a","renewTime":"t"}}""", true)]
    [InlineData("""{"spec":{"holderIdentity":"","renewTime":"t"}}""", false)]
    [InlineData("""{"spec":{"holderIdentity":null}}""", false)]
    [InlineData("""{"spec":null}""", false)]
    [InlineData("{}", false)]
    public void A_lease_that_nobody_holds_shows_no_life(string json, bool isHeld) =>
        Assert.Equal(isHeld, LeaseState.Decode(JsonDocument.Parse(json).RootElement).IsHeld);

    public void Dispose() => _state.Dispose();

    private static CallerBook Book(params string[] addresses) =>
        new() { Spaces = [new(["203.0.113.10"], addresses)] };

    private void Begin(params string[] addresses)
    {
        _state.OnCluster(new(["10.244.0.0/16"]));
        _state.OnBook(Book(addresses));
    }

    private void Live(params string[] addresses)
    {
        Begin(addresses);
        _state.OnSign("first");
        _state.OnSign(_clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
    }

    private bool Admits(string address) => _state.Current.Admits(IPAddress.Parse(address), Trusted);
}
