using Dynospace.Controllers.Reconciling;
using Dynospace.Runtime;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynospace.Controllers.Tests.Reconciling;

/// <summary>How soon the end of an object that has taken a name is noticed.</summary>
public sealed class NameRechecksTests
{
    private static readonly ObjectKey Key = new("acme", "shop");

    private readonly FakeTimeProvider _clock = new();
    private readonly NameRechecks _names;

    public NameRechecksTests() => _names = new(_clock);

    [Fact]
    public void The_pauses_double_to_a_minute()
    {
        var pauses = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var pause = _names.After(Key, isTaken: true)!.Value;
            pauses.Add(pause.TotalSeconds);
            _clock.Advance(pause);
        }

        Assert.Equal([10, 10, 20, 40, 60, 60], pauses);
    }

    [Fact]
    public void A_reconcile_in_between_makes_no_pause_longer()
    {
        _names.After(Key, isTaken: true);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(TimeSpan.FromSeconds(10), _names.After(Key, isTaken: true));
        }
    }

    [Fact]
    public void A_name_that_is_free_again_starts_over()
    {
        _names.After(Key, isTaken: true);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(_names.After(Key, isTaken: false));
        Assert.Equal(TimeSpan.FromSeconds(10), _names.After(Key, isTaken: true));
    }
}
