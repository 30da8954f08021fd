using Dynospace.Runtime.Control;

namespace Dynospace.Runtime.Tests.Control;

public sealed class ReadyLanesTests
{
    [Fact]
    public void What_happened_now_goes_before_what_was_put_off()
    {
        var lanes = Lanes(("a", false), ("b", true), ("c", false), ("d", true));

        Assert.Equal("b d a c", Drain(lanes));
    }

    [Fact]
    public void A_key_waits_once_and_in_the_lane_of_its_most_urgent_cause()
    {
        var lanes = Lanes(("a", false), ("b", false));

        Assert.False(lanes.Add(Key("b"), isUrgent: true));
        Assert.False(lanes.Add(Key("b"), isUrgent: false));
        Assert.Equal(2, lanes.Count);
        Assert.Equal("b a", Drain(lanes));
    }

    [Fact]
    public void A_key_that_was_moved_and_taken_can_be_put_off_again()
    {
        var lanes = Lanes(("a", false), ("b", false));
        lanes.Add(Key("b"), isUrgent: true);
        Assert.Equal("b", lanes.Take().Name);

        Assert.True(lanes.Add(Key("b"), isUrgent: false));

        Assert.Equal("a b", Drain(lanes));
    }

    [Fact]
    public void A_storm_of_changes_delays_what_was_put_off_and_never_stops_it()
    {
        var lanes = Lanes(("late", false));
        var taken = 0;
        do
        {
            lanes.Add(Key($"storm-{taken}"), isUrgent: true);
            Assert.InRange(++taken, 1, ReadyLanes.PatientShare);
        }
        while (lanes.Take().Name != "late");
    }

    private static ReadyLanes Lanes(params (string Name, bool IsUrgent)[] keys)
    {
        var lanes = new ReadyLanes();
        Assert.All(keys, key => Assert.True(lanes.Add(Key(key.Name), key.IsUrgent)));
        return lanes;
    }

    private static string Drain(ReadyLanes lanes)
    {
        var taken = new List<string>();
        while (lanes.Count > 0)
        {
            taken.Add(lanes.Take().Name);
        }

        return string.Join(' ', taken);
    }

    private static ObjectKey Key(string name) => new("ns", name);
}
