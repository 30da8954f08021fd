using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// How a node probes an address before it takes it: as in RFC 5227, but faster, because a takeover waits for it.
/// </summary>
internal sealed record ProbeTimes
{
    /// <summary>The number of probes.</summary>
    public int Count { get; init; } = 3;

    /// <summary>The time between probes, and after the last one.</summary>
    public TimeSpan Spacing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long an address without a response counts as free.</summary>
    public TimeSpan FreeFor { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time until an address in use by another machine is probed again.</summary>
    public TimeSpan AgainAfter { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>Pure: tracks which fixed IPs are in use by a machine that is not a gateway.</summary>
internal sealed class AddressProbes(ProbeTimes times)
{
    private readonly Dictionary<IPAddress, Probe> _probes = [];
    private readonly Dictionary<IPAddress, (PhysicalAddress Mac, TimeSpan At)> _holders = [];

    /// <summary>Whether an address is being probed.</summary>
    public bool IsBusy => _probes.Values.Any(probe => probe.Sent < times.Count);

    /// <summary>By address, the foreign machine that recently claimed it.</summary>
    public ImmutableDictionary<IPAddress, PhysicalAddress> Holders(TimeSpan now) => _holders
        // Entries stay until the next probes have finished.
        .Where(holder => now - holder.Value.At <= times.AgainAfter + times.FreeFor)
        .ToImmutableDictionary(holder => holder.Key, holder => holder.Value.Mac);

    /// <summary>Whether this node may take an address: it was probed, and no machine answered in time.</summary>
    public bool IsFree(IPAddress address, TimeSpan now)
    {
        if (_holders.TryGetValue(address, out var holder) && now - holder.At < times.AgainAfter)
        {
            return false;
        }

        if (!_probes.TryGetValue(address, out var probe) || IsOld(probe, now))
        {
            _probes[address] = probe = new Probe();
        }

        if (!IsDone(probe, now))
        {
            return false;
        }

        _holders.Remove(address);
        return true;
    }

    /// <summary>The addresses to probe now.</summary>
    public IReadOnlyList<IPAddress> Due(TimeSpan now)
    {
        var due = new List<IPAddress>();
        foreach (var (address, probe) in _probes)
        {
            if (probe.Sent < times.Count && !(now - probe.SentAt < times.Spacing))
            {
                (probe.Sent, probe.SentAt) = (probe.Sent + 1, now);
                due.Add(address);
            }
        }

        foreach (var address in _probes.Where(item => IsOld(item.Value, now)).Select(item => item.Key).ToList())
        {
            _probes.Remove(address);
        }

        return due;
    }

    /// <summary>Records that a machine that is not a gateway has an address.</summary>
    /// <returns>Whether this is new.</returns>
    public bool Hear(IPAddress address, PhysicalAddress mac, TimeSpan now)
    {
        var isNew = !Holders(now).TryGetValue(address, out var before) || !before.Equals(mac);
        _holders[address] = (mac, now);
        _probes.Remove(address);
        return isNew;
    }

    private bool IsDone(Probe probe, TimeSpan now) =>
        probe.Sent == times.Count && now - probe.SentAt >= times.Spacing;

    private bool IsOld(Probe probe, TimeSpan now) =>
        probe.Sent == times.Count && now - probe.SentAt > times.Spacing + times.FreeFor;

    private sealed class Probe
    {
        public int Sent { get; set; }

        public TimeSpan? SentAt { get; set; }
    }
}
