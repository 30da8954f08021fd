using System.Collections.Immutable;
using System.Net.NetworkInformation;

namespace Dynospace.NodeAgent.Egress;

/// <summary>How fast gateways notice each other.</summary>
internal sealed record FailoverTimes
{
    /// <summary>How often a node says that it lives.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// After it a node that was not heard is not said to be heard, and does not count for the own majority. Shorter
    /// than <see cref="DeadAfter"/>: who is cut off gives up before others take over.
    /// </summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>After it a gateway that nobody heard is dead.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>
    /// How long a node keeps its fixed IPs while the tie is undecided: together with <see cref="SilentAfter"/> no
    /// longer than other nodes wait before they take over.
    /// </summary>
    public TimeSpan UndecidedFor { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a gateway that returns must live before it gets back what another has now.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a gateway forwards on after another has a fixed IP in its place.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What a node decides about fixed IPs.</summary>
/// <param name="Ways">By number of the fixed IP, the gateway that packets are sent to.</param>
/// <param name="Served">Those that this node forwards for.</param>
/// <param name="Answered">Those of them that it answers for on its network.</param>
/// <param name="Claimed">Those that this node has, as it says.</param>
/// <param name="IsFenced">Whether this node has given up, since it may be the one that is cut off.</param>
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
/// Which gateway has which fixed IP, as one node sees it, by what it hears of the others. The first living one of an
/// IP's list has it; what it has it says, and nodes follow what is said. Since gateways keep no state, the former and
/// the next one may forward at the same time: a move has the next one begin before the former ends.
/// <para>Times are those of a clock that never goes back.</para>
/// </summary>
/// <param name="own">The number of this node.</param>
/// <param name="times">How fast.</param>
/// <param name="startedAt">When the agent began to listen.</param>
/// <param name="kept">The fixed IPs that an earlier run had and the kernel forwards for.</param>
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

    /// <summary>Notes what another node said.</summary>
    /// <returns>Whether it says something new; if not, only time changes the next decision.</returns>
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
        peer.Macs = heartbeat.Macs;
        foreach (var number in heartbeat.Claims)
        {
            isNew |= peer.Claims.TryAdd(number, now);
        }

        ended.ForEach(number => peer.Claims.Remove(number));
        return isNew;
    }

    /// <summary>What this node says now, in as many parts as its fixed IPs need.</summary>
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
    /// The hardware addresses from which other gateways announce, also those that are no longer heard.
    /// </summary>
    public ImmutableHashSet<PhysicalAddress> PeerMacs => [.. _peers.Values.SelectMany(peer => peer.Macs)];

    /// <summary>Decides.</summary>
    /// <param name="addresses">All fixed IPs.</param>
    /// <param name="nodes">The numbers of all nodes that take part.</param>
    /// <param name="witness">The API server; asked only where it decides.</param>
    /// <param name="isFree">Whether no other machine has an address; asked only before this node takes it.</param>
    /// <param name="now">The time.</param>
    public FailoverDecision Decide(
        IReadOnlyCollection<FixedIP> addresses, IReadOnlyCollection<int> nodes, IWitness witness,
        Func<FixedIP, bool> isFree, TimeSpan now)
    {
        // Right after the start nothing is known; what the kernel forwards for it goes on to.
        var isNew = now - startedAt < times.DeadAfter;
        var isGateway = addresses.Any(address => address.Gateways.Contains(own));
        if (_decidedAt is { } before && now - before > times.Interval)
        {
            // This node was held up: messages of others still wait to be read, and they have not taken over yet.
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
        // Not claimed before it is known whether another has it meanwhile.
        _kept.IntersectWith(isNew ? known : []);
        return new FailoverDecision(
            _ways, [.. _claimed, .. _lingering.Keys, .. _kept], [.. _claimed, .. _kept], [.. _claimed],
            // A node that is not a gateway hears gateways only, and has nothing to give up.
            !hasMajority && isGateway);
    }

    /// <summary>
    /// Whether this node hears more than half of the nodes, counting itself, or exactly half and that half has the
    /// Lease. Only one group of nodes can.
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

        // The half that has fixed IPs goes first, so that fewer move.
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
            // At once: those who are in the majority take over after DeadAfter.
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
            // The next one has begun.
            _claimed.Remove(number);
            _lingering[number] = now;
        }
    }

    /// <summary>Which gateway is to have a fixed IP; null if none lives.</summary>
    private int? NextGateway(FixedIP address, TimeSpan now)
    {
        var living = address.Gateways.Where(gateway => gateway == own || IsLiving(gateway, now)).ToList();
        if (living.Count == 0)
        {
            return null;
        }

        // One that returned is not trusted at once, as long as another has the IP.
        var holder = living.Where(gateway => Claims(gateway, address.Number)).Select(gateway => (int?)gateway)
            .FirstOrDefault();
        return holder is { } current
            ? living.First(gateway => gateway == current || IsStable(gateway, now))
            : living[0];
    }

    private bool Claims(int gateway, int number) => gateway == own
        ? _claimed.Contains(number)
        : _peers.TryGetValue(gateway, out var peer) && peer.Claims.ContainsKey(number);

    /// <summary>The gateway that said last that it has the fixed IP; if none says so, the one before.</summary>
    /// <param name="claims">The other nodes that say so, and since when.</param>
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

    /// <summary>Whether this node hears another one.</summary>
    public bool Hears(int node, TimeSpan now) => _peers.TryGetValue(node, out var peer) && IsHeard(peer, now);

    private bool IsHeard(Peer peer, TimeSpan now) => now - peer.HeardAt <= times.SilentAfter;

    /// <summary>Whether it is heard, by this node or by one that it hears.</summary>
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

        public ImmutableArray<PhysicalAddress> Macs { get; set; } = [];

        /// <summary>By number, since when it is claimed.</summary>
        public Dictionary<int, TimeSpan> Claims { get; } = [];
    }
}
