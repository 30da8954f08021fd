using System.Collections.Immutable;
using System.Net.NetworkInformation;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The timing of failure detection and takeover.</summary>
internal sealed record FailoverTimes
{
    /// <summary>The interval of heartbeats.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// The time after which a silent node is no longer reported as heard and does not count for this node's majority.
    /// It is shorter than <see cref="DeadAfter"/>: an isolated node gives up before others take over.
    /// </summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>The time after which a gateway that no node hears is dead.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>
    /// How long a node keeps its fixed IPs while a tie is undecided. Together with <see cref="SilentAfter"/> this must
    /// not exceed the time after which other nodes take over.
    /// </summary>
    public TimeSpan UndecidedFor { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a returning gateway must be alive before it takes an IP back from another one.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a gateway continues to forward after another one has taken over.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>The decision of a node about fixed IPs.</summary>
/// <param name="Ways">By number of the fixed IP, the gateway to which packets are sent.</param>
/// <param name="Served">The fixed IPs for which this node forwards.</param>
/// <param name="Answered">Those of them for which it answers on its network.</param>
/// <param name="Claimed">The fixed IPs that this node claims in its heartbeats.</param>
/// <param name="IsFenced">Whether this node has given up because it may be isolated.</param>
internal sealed record FailoverDecision(
    ImmutableDictionary<int, int> Ways, ImmutableHashSet<int> Served, ImmutableHashSet<int> Answered,
    ImmutableHashSet<int> Claimed, bool IsFenced)
{
    public bool IsSameAs(FailoverDecision other) =>
        IsFenced == other.IsFenced
        && Served.SetEquals(other.Served)
        && Answered.SetEquals(other.Answered)
        && Claimed.SetEquals(other.Claimed)
        && Ways.Count == other.Ways.Count
        && Ways.All(way => other.Ways.TryGetValue(way.Key, out var gateway) && gateway == way.Value);
}

/// <summary>
/// Decides from received heartbeats which gateway has which fixed IP, as one node sees it. The first live gateway in an
/// IP's list has it and claims it in its heartbeats, and nodes follow the claims. Because gateways keep no state, the
/// old and the new one may forward at the same time: in a move the new one starts before the old one stops.
/// <para>Times are from a monotonic clock.</para>
/// </summary>
/// <param name="own">The number of this node.</param>
/// <param name="times">The timing.</param>
/// <param name="startedAt">When the agent started to listen.</param>
/// <param name="kept">The fixed IPs of an earlier run for which the kernel forwards.</param>
internal sealed class Failover(int own, FailoverTimes times, TimeSpan startedAt, IEnumerable<int> kept)
{
    private readonly Dictionary<int, Peer> _peers = [];
    private readonly HashSet<int> _kept = [.. kept];
    private readonly HashSet<int> _claimed = [];
    private readonly Dictionary<int, TimeSpan> _lingering = [];
    private readonly Dictionary<int, TimeSpan> _claimedSince = [];
    private readonly Dictionary<int, bool> _living = [];
    private ImmutableDictionary<int, int> _ways = ImmutableDictionary<int, int>.Empty;
    private TimeSpan? _fencedAt;
    private TimeSpan? _decidedAt;
    private TimeSpan _heldUpUntil;
    private TimeSpan? _halfSince;
    private bool _hasTieBreak;
    private int _parts = 1;

    /// <summary>Processes a heartbeat of another node.</summary>
    /// <returns>Whether it contains news; if not, only time affects the next decision.</returns>
    public bool Hear(Heartbeat heartbeat, TimeSpan now)
    {
        if (heartbeat.Node == own)
        {
            return false;
        }

        var isNew = !_peers.TryGetValue(heartbeat.Node, out var peer) || !IsHeard(peer, now);
        if (peer is null || now - peer.HeardAt > times.DeadAfter)
        {
            _peers[heartbeat.Node] = peer = new Peer { LivesSince = now };
        }

        var ended = peer.Claims.Keys.Where(number =>
            Heartbeat.PartOf(number) == heartbeat.Part && !heartbeat.Claims.Contains(number)).ToList();
        isNew |= ended.Count > 0 || peer.HasTieBreak != heartbeat.HasTieBreak
            || !heartbeat.Hears.SetEquals(peer.Hears) || !heartbeat.Macs.SequenceEqual(peer.Macs);
        (peer.HeardAt, peer.Hears, peer.HasTieBreak) = (now, heartbeat.Hears, heartbeat.HasTieBreak);
        if (peer.IsNative != heartbeat.IsNative || !heartbeat.Macs.SequenceEqual(peer.Macs))
        {
            (peer.IsNative, peer.Macs) = (heartbeat.IsNative, heartbeat.Macs);
            LinkChanges++;
        }

        foreach (var number in heartbeat.Claims)
        {
            isNew |= peer.Claims.TryAdd(number, now);
        }

        ended.ForEach(number => peer.Claims.Remove(number));
        return isNew;
    }

    /// <summary>The current heartbeat of this node, in as many parts as its fixed IPs need.</summary>
    public IEnumerable<Heartbeat> Messages(TimeSpan now)
    {
        ImmutableHashSet<int> hears = [.. _peers.Where(peer => IsHeard(peer.Value, now)).Select(peer => peer.Key)];
        ImmutableHashSet<int> claims = [.. _claimed];
        return Enumerable.Range(0, _parts).Select(part => new Heartbeat(
            own, hears, claims.Where(number => Heartbeat.PartOf(number) == part).ToImmutableHashSet())
        {
            Part = part,
            HasTieBreak = _hasTieBreak,
        });
    }

    /// <summary>
    /// How often a node's hardware addresses, or whether it accepts packets without the tunnel, changed.
    /// </summary>
    public int LinkChanges { get; private set; }

    /// <summary>The nodes that accept packets without the tunnel, including nodes that are no longer heard.</summary>
    public ImmutableHashSet<int> NativePeers =>
        [.. _peers.Where(peer => peer.Value.IsNative).Select(peer => peer.Key)];

    /// <summary>
    /// The hardware addresses from which other nodes announce or send, including nodes that are no longer heard.
    /// </summary>
    public ImmutableHashSet<PhysicalAddress> PeerMacs => [.. _peers.Values.SelectMany(peer => peer.Macs)];

    /// <summary>Makes a decision.</summary>
    /// <param name="addresses">All fixed IPs.</param>
    /// <param name="nodes">The numbers of all participating nodes.</param>
    /// <param name="witness">The API server, consulted only if heartbeats do not decide.</param>
    /// <param name="isFree">Whether no other machine has an address; called only before this node takes it.</param>
    /// <param name="now">The current time.</param>
    public FailoverDecision Decide(
        IReadOnlyCollection<FixedIP> addresses, IReadOnlyCollection<int> nodes, IWitness witness,
        Func<FixedIP, bool> isFree, TimeSpan now)
    {
        // Nothing is known right after the start; the kernel continues to forward for the earlier run's addresses.
        var isNew = now - startedAt < times.DeadAfter;
        var isGateway = addresses.Any(address => address.Gateways.Contains(own));
        if (_decidedAt is { } before && now - before > times.Interval)
        {
            // This node was paused: messages of others are still unread, and they have not taken over yet.
            var (soon, limit) = (now + times.Interval, before + times.DeadAfter - times.Interval);
            _heldUpUntil = soon < limit ? soon : limit;
        }

        _decidedAt = now;
        var hasMajority = isNew || HasMajority(nodes, isGateway, witness, now) || now < _heldUpUntil;
        if (!hasMajority)
        {
            _fencedAt = now;
        }

        _parts = addresses.Select(address => Heartbeat.PartOf(address.Number)).Append(0).Max() + 1;
        _living.Clear();
        foreach (var address in addresses)
        {
            DecideOwn(address, hasMajority, witness, isFree, isNew, now);
        }

        var known = addresses.Select(address => address.Number).ToHashSet();
        _claimed.IntersectWith(known);
        foreach (var number in _lingering.Keys.Where(number =>
            !known.Contains(number) || now - _lingering[number] > times.Linger).ToList())
        {
            _lingering.Remove(number);
        }

        foreach (var number in _claimedSince.Keys.Except(_claimed).ToList())
        {
            _claimedSince.Remove(number);
        }

        foreach (var number in _claimed)
        {
            _claimedSince.TryAdd(number, now);
        }

        var claims = _peers.Where(peer => now - peer.Value.HeardAt <= times.DeadAfter)
            .SelectMany(peer => peer.Value.Claims, (peer, claim) => (Gateway: peer.Key, Number: claim.Key, claim.Value))
            .ToLookup(claim => claim.Number, claim => (claim.Gateway, Since: claim.Value));
        _ways = addresses.Select(address => (address.Number, Gateway: Way(address, [.. claims[address.Number]])))
            .Where(way => way.Gateway is not null)
            .ToImmutableDictionary(way => way.Number, way => way.Gateway!.Value);
        // Not claimed until it is known whether another node has taken it.
        _kept.IntersectWith(isNew ? known : []);
        return new FailoverDecision(
            _ways, [.. _claimed, .. _lingering.Keys, .. _kept], [.. _claimed, .. _kept], [.. _claimed],
            // A node that is not a gateway hears only gateways, and has nothing to give up.
            !hasMajority && isGateway);
    }

    /// <summary>
    /// Whether this node hears more than half of the nodes, including itself, or exactly half while that half has the
    /// Lease. At most one group of nodes can.
    /// </summary>
    private bool HasMajority(IReadOnlyCollection<int> nodes, bool isGateway, IWitness witness, TimeSpan now)
    {
        var others = nodes.Where(node => node != own && _peers.TryGetValue(node, out var peer)
            && IsHeard(peer, now) && peer.Hears.Contains(own)).ToList();
        var votes = 2 * (others.Count + 1);
        if (votes != nodes.Count || !isGateway)
        {
            (_halfSince, _hasTieBreak) = (null, false);
            return votes > nodes.Count;
        }

        _halfSince ??= now;
        if (others.Any(node => _peers[node].HasTieBreak))
        {
            _hasTieBreak = false;
            return true;
        }

        // The half with fixed IPs has precedence, so that fewer of them move.
        var vote = witness.Vote(_claimed.Count > 0 || others.Any(node => _peers[node].Claims.Count > 0));
        _hasTieBreak = vote == TieVote.Won;
        return _hasTieBreak
            || (vote == TieVote.Pending && _claimed.Count > 0 && now - _halfSince <= times.UndecidedFor);
    }

    private void DecideOwn(
        FixedIP address, bool hasMajority, IWitness witness, Func<FixedIP, bool> isFree, bool isNew,
        TimeSpan now)
    {
        var number = address.Number;
        var hasOthers = address.Gateways.Any(gateway => gateway != own);
        if (!hasMajority && (hasOthers || !witness.IsApiReached()))
        {
            // Immediately: the majority takes over after DeadAfter.
            _claimed.Remove(number);
            _lingering.Remove(number);
            return;
        }

        if (isNew)
        {
            return;
        }

        var next = NextGateway(address, now);
        if (next == own)
        {
            if (_claimed.Contains(number) || isFree(address))
            {
                _claimed.Add(number);
                _lingering.Remove(number);
            }
        }
        else if (_claimed.Contains(number)
            && (address.Gateways.IsEmpty || (next is { } other && IsLiving(other, now) && Claims(other, number))))
        {
            // The new gateway has started.
            _claimed.Remove(number);
            _lingering[number] = now;
        }
    }

    /// <summary>The desired gateway of a fixed IP; null if none is alive.</summary>
    private int? NextGateway(FixedIP address, TimeSpan now)
    {
        var living = address.Gateways.Where(gateway => gateway == own || IsLiving(gateway, now)).ToList();
        if (living.Count == 0)
        {
            return null;
        }

        // A gateway that has returned is not trusted at once while another one has the IP.
        var holder = living.Where(gateway => Claims(gateway, address.Number)).Select(gateway => (int?)gateway)
            .FirstOrDefault();
        return holder is { } current
            ? living.First(gateway => gateway == current || IsStable(gateway, now))
            : living[0];
    }

    private bool Claims(int gateway, int number) => gateway == own
        ? _claimed.Contains(number)
        : _peers.TryGetValue(gateway, out var peer) && peer.Claims.ContainsKey(number);

    /// <summary>The gateway that most recently claimed the fixed IP; without claims, the previous one.</summary>
    /// <param name="claims">The other nodes that claim it, and since when.</param>
    private int? Way(FixedIP address, List<(int Gateway, TimeSpan Since)> claims)
    {
        if (_claimed.Contains(address.Number))
        {
            claims.Add((own, _claimedSince[address.Number]));
        }
        else if (claims.Count == 0 && _kept.Contains(address.Number))
        {
            return own;
        }

        if (claims.Count > 0)
        {
            return claims.OrderByDescending(claim => claim.Since).ThenBy(claim => claim.Gateway).First().Gateway;
        }

        return _ways.TryGetValue(address.Number, out var before) && address.Gateways.Contains(before) && before != own
            ? before
            : address.Gateways.Where(gateway => gateway != own).Select(gateway => (int?)gateway).FirstOrDefault();
    }

    /// <summary>Whether this node hears the given one.</summary>
    public bool Hears(int node, TimeSpan now) => _peers.TryGetValue(node, out var peer) && IsHeard(peer, now);

    private bool IsHeard(Peer peer, TimeSpan now) => now - peer.HeardAt <= times.SilentAfter;

    /// <summary>Whether a node is heard by this node or by a node that it hears.</summary>
    private bool IsLiving(int node, TimeSpan now)
    {
        if (!_living.TryGetValue(node, out var isLiving))
        {
            _living[node] = isLiving = IsLivingNow(node, now);
        }

        return isLiving;
    }

    private bool IsLivingNow(int node, TimeSpan now) =>
        (_peers.TryGetValue(node, out var peer) && now - peer.HeardAt <= times.DeadAfter)
        || _peers.Any(other => other.Key != node && IsHeard(other.Value, now) && other.Value.Hears.Contains(node));

    private bool IsStable(int node, TimeSpan now) => node == own
        ? now - (_fencedAt ?? startedAt) >= times.StableAfter
        : _peers.TryGetValue(node, out var peer) && now - peer.LivesSince >= times.StableAfter;

    private sealed class Peer
    {
        public TimeSpan LivesSince { get; init; }

        public TimeSpan HeardAt { get; set; }

        public ImmutableHashSet<int> Hears { get; set; } = [];

        public bool HasTieBreak { get; set; }

        public bool IsNative { get; set; }

        public ImmutableArray<PhysicalAddress> Macs { get; set; } = [];

        /// <summary>By number, the time since which it is claimed.</summary>
        public Dictionary<int, TimeSpan> Claims { get; } = [];
    }
}
