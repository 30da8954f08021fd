using Dynospace.Router.Routing;
using Dynospace.Router.Wire;

namespace Dynospace.Router.Tests.Wire;

public sealed class ExchangeProgressTests
{
    [Fact]
    public void The_idle_watch_may_look_at_any_moment_and_finds_a_request_overdue_in_none_of_them()
    {
        var clock = new LookingClock();
        var progress = Progress(clock);
        clock.Look = () => Assert.Null(progress.OverdueAt(LookingClock.Now));

        progress.BeginDynoWrite();
        progress.EndDynoWrite();
        progress.ReceivedFromDyno();

        Assert.Equal(2, clock.Looks);
    }

    [Fact]
    public void A_request_that_was_sent_is_overdue_after_30_seconds_without_a_byte()
    {
        var progress = Progress(new LookingClock());
        progress.EndDynoWrite();

        Assert.Null(progress.OverdueAt(LookingClock.Now + (29 * TimeSpan.TicksPerSecond)));
        Assert.Equal(
            RouterErrors.RequestTimeout, progress.OverdueAt(LookingClock.Now + (30 * TimeSpan.TicksPerSecond)));
    }

    private static ExchangeProgress Progress(TimeProvider clock)
    {
        var defaults = new RouterSettings();
        return new(clock, defaults.FirstByteTimeout, defaults.IdleTimeout);
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
