using Dynospace.Router.Errors;
using Dynospace.Router.Exchanges;
using Dynospace.Router.Routing;

namespace Dynospace.Router.Tests.Exchanges;

public sealed class ExchangeTests
{
    [Fact]
    public void The_idle_watch_may_look_at_any_moment_and_finds_a_request_overdue_in_none_of_them()
    {
        var clock = new LookingClock();
        using var exchange = new Exchange(clock, new RouterSettings());
        clock.Look = () => Assert.Null(exchange.OverdueAt(LookingClock.Now));

        exchange.BeginDynoWrite();
        exchange.EndDynoWrite();
        exchange.ReceivedFromDyno();

        Assert.Equal(2, clock.Looks);
    }

    [Fact]
    public void A_request_that_was_sent_is_overdue_after_30_seconds_without_a_byte()
    {
        using var exchange = new Exchange(new LookingClock(), new RouterSettings());
        exchange.EndDynoWrite();

        Assert.Null(exchange.OverdueAt(LookingClock.Now + (29 * TimeSpan.TicksPerSecond)));
        Assert.Equal(RouterErrors.RequestTimeout, exchange.OverdueAt(LookingClock.Now + (30 * TimeSpan.TicksPerSecond)));
    }

    /// <summary>Long after its beginning; who asks it for the time is looked at in that moment.</summary>
    private sealed class LookingClock : TimeProvider
    {
        public const long Now = TimeSpan.TicksPerDay;

        public Action Look { get; set; } = () => { };

        public int Looks { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp()
        {
            Looks++;
            Look();
            return Now;
        }
    }
}
