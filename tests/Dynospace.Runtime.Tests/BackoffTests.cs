using Microsoft.Extensions.Time.Testing;

namespace Dynospace.Runtime.Tests;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Pauses_double_up_to_the_maximum()
    {
        var backoff = Make(random: 1);
        Assert.Equal([1, 2, 4, 8, 10, 10], Enumerable.Range(0, 6).Select(_ => backoff.Next().TotalSeconds));
    }

    [Fact]
    public void Jitter_takes_off_up_to_half()
    {
        Assert.Equal(0.5, Make(random: 0).Next().TotalSeconds);
        Assert.Equal(0.75, Make(random: 0.5).Next().TotalSeconds);
    }

    [Fact]
    public void Quiet_time_starts_over_and_a_short_success_does_not()
    {
        var backoff = Make(random: 1);
        backoff.Next();
        backoff.Next();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, backoff.Next().TotalSeconds);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    private Backoff Make(double random) => new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), _clock, () => random);
}
