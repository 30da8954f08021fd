using System.Net;
using System.Net.NetworkInformation;
using Dynospace.NodeAgent.Egress;

namespace Dynospace.NodeAgent.Tests.Egress;

public sealed class AddressProbesTests
{
    private static readonly IPAddress Address = IPAddress.Parse("203.0.113.10");
    private static readonly PhysicalAddress Mac = PhysicalAddress.Parse("02-42-00-00-00-09");
    private static readonly ProbeTimes Times = new();

    private readonly AddressProbes _probes = new(Times);
    private TimeSpan _now = TimeSpan.FromSeconds(100);
    private int _sent;

    [Fact]
    public void An_address_is_free_when_it_was_asked_for_three_times_and_nobody_answered()
    {
        var began = _now;

        UntilFree();

        Assert.Equal(3, _sent);
        // A takeover waits for it.
        Assert.True(_now - began <= TimeSpan.FromMilliseconds(200));
        Assert.False(_probes.IsBusy);
    }

    [Fact]
    public void That_it_is_free_counts_for_a_moment_only()
    {
        UntilFree();

        _now += Times.FreeFor + Times.Spacing;

        Assert.False(_probes.IsFree(Address, _now));
        UntilFree();
        Assert.Equal(6, _sent);
    }

    [Fact]
    public void An_address_that_another_machine_has_is_named_and_asked_for_again_later()
    {
        Assert.False(_probes.IsFree(Address, _now));
        Assert.Equal([Address], _probes.Due(_now));

        Assert.True(_probes.Hear(Address, Mac, _now));
        Assert.False(_probes.Hear(Address, Mac, _now));

        Assert.Equal(Mac, _probes.Holders(_now)[Address]);
        Assert.False(_probes.IsFree(Address, _now));
        Assert.Empty(_probes.Due(_now));
        _now += Times.AgainAfter;
        UntilFree();
        Assert.Equal(3, _sent);
        Assert.Empty(_probes.Holders(_now));
    }

    [Fact]
    public void A_machine_that_was_heard_while_nobody_asked_is_forgotten_in_time()
    {
        _probes.Hear(Address, Mac, _now);
        Assert.NotEmpty(_probes.Holders(_now));

        Assert.Empty(_probes.Holders(_now + (Times.AgainAfter * 2)));
    }

    private void UntilFree()
    {
        for (var i = 0; i < 1000 && !_probes.IsFree(Address, _now); i++)
        {
            _sent += _probes.Due(_now).Count;
            _now += TimeSpan.FromMilliseconds(10);
        }

        Assert.True(_probes.IsFree(Address, _now));
    }
}
