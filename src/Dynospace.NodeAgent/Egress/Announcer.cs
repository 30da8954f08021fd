using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Networking;

namespace Dynospace.NodeAgent.Egress;

/// <summary>
/// Announces fixed IPs on the node's networks, and detects other machines that use them. It answers in this process
/// instead of with proxy entries in the kernel: an agent that exits, hangs or is stopped no longer answers, so only the
/// gateway that takes over does.
/// </summary>
/// <param name="answersFor">How long it answers after the last renewal.</param>
internal sealed class Announcer(TimeSpan answersFor) : IDisposable
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan[] AnnounceAfter =
        [TimeSpan.Zero, TimeSpan.FromMilliseconds(700), TimeSpan.FromSeconds(2)];

    private readonly Dictionary<(int Link, AddressFamily Family), Station> _stations = [];
    private readonly List<(TimeSpan At, IPAddress Address)> _due = [];
    private readonly AddressProbes _probes = new(new ProbeTimes());
    private ImmutableDictionary<IPAddress, int> _watched = ImmutableDictionary<IPAddress, int>.Empty;
    private ImmutableDictionary<int, PhysicalAddress> _macs = ImmutableDictionary<int, PhysicalAddress>.Empty;

    /// <summary>The hardware addresses of the links on which fixed IPs are announced.</summary>
    public ImmutableArray<PhysicalAddress> Macs =>
        [
            .. _stations.Keys.Select(key => key.Link)
                .Distinct()
                .Order()
                .Where(_macs.ContainsKey)
                .Select(link => _macs[link]),
        ];

    /// <summary>Whether probes are in progress, which need a shorter tick.</summary>
    public bool IsBusy => _probes.IsBusy;

    /// <summary>By address, the foreign machine that has it.</summary>
    public ImmutableDictionary<IPAddress, PhysicalAddress> Holders { get; private set; } =
        ImmutableDictionary<IPAddress, PhysicalAddress>.Empty;

    /// <summary>Sets the fixed IPs that this node may have to announce, and their links.</summary>
    /// <exception cref="SocketException">The kernel refuses a socket.</exception>
    public void Watch(EgressFacts facts, IReadOnlyCollection<Link> links)
    {
        _macs = links.Where(link => link.Mac is not null)
            .ToImmutableDictionary(link => link.Index, link => link.Mac!);
        _watched = facts.Addresses
            .Where(address => !address.IsPresent && address.Gateways.Contains(facts.Own)
                && facts.AnnouncedOn.TryGetValue(address.Address, out var link) && _macs.ContainsKey(link))
            .ToImmutableDictionary(address => address.Address, address => facts.AnnouncedOn[address.Address]);
        var wanted = _watched.GroupBy(item => (item.Value, item.Key.AddressFamily)).ToDictionary(
            group => group.Key, group => group.Select(item => item.Key).ToList());
        foreach (var (key, station) in _stations.Where(item => !wanted.ContainsKey(item.Key)
            || item.Value.IsBroken).ToList())
        {
            station.Dispose();
            _stations.Remove(key);
        }

        foreach (var ((link, family), addresses) in wanted)
        {
            if (!_stations.TryGetValue((link, family), out var station))
            {
                _stations[(link, family)] = station = new Station(
                    new AddressSocket(link, family), answersFor);
            }

            station.Watch(addresses, _macs[link]);
        }
    }

    /// <summary>Sets the fixed IPs for which it answers from now on, while it is renewed.</summary>
    public void Answer(EgressFacts facts)
    {
        var answered = facts.Addresses
            .Where(address => facts.Announced.Contains(address.Number) && _watched.ContainsKey(address.Address)
                && EgressKernelPlanner.IsAnsweredByAgent(address, facts.Own))
            .Select(address => address.Address).ToImmutableHashSet();
        foreach (var station in _stations.Values)
        {
            station.Answered = answered;
        }
    }

    /// <summary>Stops answering for all other fixed IPs, before any other change.</summary>
    public void AnswerOnly(IReadOnlySet<IPAddress> addresses)
    {
        foreach (var station in _stations.Values)
        {
            station.Answered = station.Answered.Intersect(addresses);
        }
    }

    /// <summary>Extends the time for which it answers.</summary>
    public void Renew()
    {
        foreach (var station in _stations.Values)
        {
            station.RenewedAt = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Schedules three announcements of an address that moved here.</summary>
    public void Announce(IPAddress address, TimeSpan now) =>
        _due.AddRange(AnnounceAfter.Select(after => (now + after, address)));

    /// <summary>Whether no other machine has an address; an address that is not announced is not probed.</summary>
    public bool IsFree(IPAddress address, TimeSpan now) =>
        !_watched.ContainsKey(address) || _probes.IsFree(address, now);

    /// <summary>Sends due messages and processes received ones.</summary>
    /// <param name="announced">The fixed IPs for which this node answers.</param>
    /// <param name="known">The hardware addresses of the other gateways.</param>
    /// <returns>Whether <see cref="Holders"/> changed.</returns>
    /// <exception cref="SocketException">The kernel refuses a message.</exception>
    public bool Step(Func<IReadOnlySet<IPAddress>> announced, Func<IReadOnlySet<PhysicalAddress>> known, TimeSpan now)
    {
        var due = _due.Where(item => item.At <= now).ToList();
        var here = due.Count == 0 ? null : announced();
        foreach (var (_, address) in due)
        {
            if (here!.Contains(address))
            {
                StationOf(address)?.Announce(address);
            }
        }

        _due.RemoveAll(item => item.At <= now);
        foreach (var address in _probes.Due(now))
        {
            StationOf(address)?.Probe(address);
        }

        IReadOnlySet<PhysicalAddress>? gateways = null;
        foreach (var (address, mac) in _stations.Values.SelectMany(station => station.TakeHeard()))
        {
            gateways ??= known();
            if (!gateways.Contains(mac) && !_macs.ContainsValue(mac))
            {
                _probes.Hear(address, mac, now);
            }
        }

        var before = Holders;
        Holders = _probes.Holders(now);
        return Holders.Count != before.Count
            || Holders.Any(holder => !before.TryGetValue(holder.Key, out var mac) || !mac.Equals(holder.Value));
    }

    public void Close()
    {
        foreach (var station in _stations.Values)
        {
            station.Dispose();
        }

        _stations.Clear();
        _due.Clear();
    }

    public void Dispose() => Close();

    private Station? StationOf(IPAddress address) => _watched.TryGetValue(address, out var link)
        ? _stations.GetValueOrDefault((link, address.AddressFamily))
        : null;

    /// <summary>One family on one link, with its listener thread.</summary>
    private sealed class Station : IDisposable
    {
        private readonly AddressSocket _socket;
        private readonly TimeSpan _answersFor;
        private readonly Thread _listening;
        private readonly ConcurrentDictionary<IPAddress, PhysicalAddress> _heard = [];
        private volatile ImmutableHashSet<IPAddress> _watched = [];
        private volatile ImmutableHashSet<IPAddress> _answered = [];
        private volatile PhysicalAddress _mac = PhysicalAddress.None;
        private volatile bool _isOver;
        private long _renewedAt;

        public Station(AddressSocket socket, TimeSpan answersFor)
        {
            (_socket, _answersFor) = (socket, answersFor);
            _listening = new Thread(Listen) { IsBackground = true, Name = "fixed addresses" };
            _listening.Start();
        }

        /// <summary>Whether it no longer listens, for example because its link is gone.</summary>
        public bool IsBroken => !_listening.IsAlive;

        public ImmutableHashSet<IPAddress> Answered
        {
            get => _answered;
            set => _answered = value;
        }

        public long RenewedAt
        {
            set => Interlocked.Exchange(ref _renewedAt, value);
        }

        public void Watch(IReadOnlyCollection<IPAddress> addresses, PhysicalAddress mac)
        {
            _mac = mac;
            _watched = [.. addresses];
            _socket.Join(addresses);
        }

        public void Probe(IPAddress address) => _socket.Probe(address, _mac);

        public void Announce(IPAddress address) => _socket.Announce(address, _mac);

        /// <summary>The machines that used watched addresses since the last call.</summary>
        public IEnumerable<(IPAddress Address, PhysicalAddress Mac)> TakeHeard()
        {
            foreach (var (address, mac) in _heard.ToArray())
            {
                _heard.TryRemove(new(address, mac));
                yield return (address, mac);
            }
        }

        public void Dispose()
        {
            _isOver = true;
            _listening.Join();
            _socket.Dispose();
        }

        private void Listen()
        {
            while (!_isOver)
            {
                try
                {
                    if (_socket.Poll(Breath) && _socket.Receive() is { } message)
                    {
                        Hear(message);
                    }
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.NetworkDown)
                {
                    // The link is down and may come up again.
                }
                catch (SocketException)
                {
                    return;
                }
            }
        }

        private void Hear(AddressMessage message)
        {
            // A machine that sends from a fixed IP uses it, regardless of its request.
            foreach (var had in new[] { message.IsQuestion ? null : message.Address, message.Sender })
            {
                if (had is not null && _watched.Contains(had))
                {
                    _heard[had] = message.Mac;
                }
            }

            if (message.IsQuestion && _answered.Contains(message.Address)
                && Stopwatch.GetElapsedTime(Interlocked.Read(ref _renewedAt)) <= _answersFor)
            {
                _socket.Answer(message, _mac);
            }
        }
    }
}
