using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Dynospace.Linux.Filtering;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Enforcement;
using Microsoft.Extensions.Logging;

namespace Dynospace.NodeAgent.Egress;

/// <summary>The API server's data about fixed IPs, and the pods of this node that use them.</summary>
/// <param name="Own">The number of this node; null if it does not participate.</param>
/// <param name="Nodes">The participating nodes.</param>
/// <param name="Spaces">The spaces with fixed IPs.</param>
/// <param name="Pods">The pods of this node in their namespaces.</param>
internal sealed record EgressCluster(
    int? Own, ImmutableArray<TunnelNode> Nodes, ImmutableArray<FixedIPSpace> Spaces, ImmutableArray<EgressPod> Pods)
{
    /// <summary>A dyno of this node that has a fixed IP but whose space is unknown; null for none.</summary>
    public string? Orphan { get; init; }
}

/// <summary>The state of a node, for its status and metrics.</summary>
/// <param name="Holds">The fixed IPs of which it is the gateway.</param>
/// <param name="InUse">By fixed IP, the number of connections of this node that use it.</param>
/// <param name="Drops">By counter, the packets dropped since the worker started.</param>
/// <param name="IsFenced">Whether it has given up its fixed IPs because it does not hear a majority.</param>
/// <param name="Problem">The current obstacle; null for none.</param>
internal sealed record EgressState(
    ImmutableArray<IPAddress> Holds,
    IReadOnlyDictionary<IPAddress, int> InUse,
    ImmutableDictionary<string, long> Drops,
    bool IsFenced,
    string? Problem)
{
    /// <summary>By fixed IP, the hardware address of a machine that has it but is not a gateway.</summary>
    public ImmutableDictionary<IPAddress, PhysicalAddress> Occupied { get; init; } =
        ImmutableDictionary<IPAddress, PhysicalAddress>.Empty;

    /// <summary>Blocks, by fixed IP and first port, that have been unused for a while.</summary>
    public ImmutableArray<(IPAddress Address, int First)> Idle { get; init; } = [];

    /// <summary>Retiring blocks that are unused.</summary>
    public ImmutableArray<(IPAddress Address, int First)> Released { get; init; } = [];
}

/// <summary>
/// The only thread that writes to the kernel. It follows the API server, the messages of other nodes in the tunnel, and
/// changes to the kernel by other programs.
/// </summary>
internal sealed class EgressWorker(
    KernelAccess kernel, INetworkMonitor links, FailoverTimes times, IWitness witness, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CompareEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortTick = TimeSpan.FromMilliseconds(10);

    private readonly BlockingCollection<object> _events = [];
    private readonly EgressApplier _applier = new(kernel);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Announcer _announcer = new(times.SilentAfter);
    private readonly Dictionary<string, long> _counted = [];
    private ImmutableDictionary<string, long> _drops = ImmutableDictionary<string, long>.Empty;
    private readonly BlockHistory _blocks = new();
    private IReadOnlyDictionary<IPAddress, int> _inUse = ImmutableDictionary<IPAddress, int>.Empty;
    private EgressCluster? _cluster;
    private EgressCluster? _usable;
    private ImmutableHashSet<IPAddress> _ownAddresses = [];
    private EgressFacts? _facts;
    private ImmutableArray<PhysicalAddress> _uplinkMacs = [];
    private int _linkChanges;
    private string? _refusal;
    private bool _hasIpsec;
    private EgressMembers? _members;
    private Failover? _failover;
    private FailoverDecision? _decision;
    private UdpClient? _heartbeats;
    private readonly List<GateServer> _gates = [];
    private TimeSpan _decideDue;
    private TimeSpan _saidAt;
    private TimeSpan _countedAt;
    private TimeSpan _comparedAt;
    private TimeSpan? _compareDue;
    private TimeSpan? _retryDue;
    private volatile EgressState _state = new([], ImmutableDictionary<IPAddress, int>.Empty,
        ImmutableDictionary<string, long>.Empty, false, "the cluster is not known yet");

    /// <summary>The current state.</summary>
    public EgressState State => _state;

    /// <summary>Whether nodes on a shared link send to each other without the tunnel.</summary>
    public bool IsNative { get; init; }

    /// <summary>Called on the worker's thread when the state may have changed.</summary>
    public Action OnState { get; init; } = () => { };

    /// <summary>Passes the current data of the API server to the worker.</summary>
    public void Post(EgressCluster cluster) => _events.Add(cluster);

    /// <summary>Runs until cancelled, on the calling thread in its network namespace. Kernel state stays.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = new[]
        {
            Background(() => Watch(() => kernel.Monitor.Wait(Breath), Change.Table, stop.Token)),
            Background(() => Watch(() => links.Wait(Breath), Change.Links, stop.Token)),
        };
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Step(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The worker is asked to stop.
        }
        finally
        {
            stop.Cancel();
            Task.WaitAll(watching, CancellationToken.None);
            Close();
        }
    }

    public void Dispose()
    {
        Close();
        _applier.Dispose();
        links.Dispose();
        _events.Dispose();
    }

    private static Task Background(Action action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Step(CancellationToken cancellationToken)
    {
        var isNews = false;
        var deleted = new HashSet<int>();
        var tick = _announcer.IsBusy ? ShortTick : Tick;
        if (_events.TryTake(out var first, (int)tick.TotalMilliseconds, cancellationToken))
        {
            for (var item = first; item is not null; item = _events.TryTake(out var next) ? next : null)
            {
                isNews |= Take(item, deleted);
            }
        }

        var now = _clock.Elapsed;
        try
        {
            isNews |= _retryDue is { } retry && now >= retry;
            isNews |= Due(now);
            if (_cluster is { Own: null, Orphan: { } orphan } && _facts is null)
            {
                // Existing rules stay: without them the dyno's packets would leave from the node's address.
                Say($"{orphan} has a fixed IP and its space has no EgressGateway: nothing is changed until it has");
            }
            else if (_cluster is { Own: not null })
            {
                if (_facts is not null && _facts.Own != _cluster.Own)
                {
                    // For other nodes, a new number is a different node.
                    Close();
                    (_failover, _decision) = (null, null);
                }

                if (isNews || now >= _decideDue)
                {
                    Decide(isNews, deleted, now);
                }

                Speak(now);
                Announce(now);
            }
            else if (isNews && _cluster is { Orphan: null })
            {
                Withdraw();
            }

            if (now - _countedAt >= (_blocks.IsReleasing ? RetryAfter : CountEvery))
            {
                _countedAt = now;
                Count();
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Errors end neither this part nor the rest of the agent; the kernel keeps the written state.
            if (!IsExpected(e))
            {
                logger.LogError(e, "Egress met an error of its own and goes on");
            }

            _applier.Forget();
            _retryDue = now + RetryAfter;
            Say(Explain(e));
        }
    }

    private static bool IsExpected(Exception e) =>
        e is NftablesException or SocketException or IOException or UnauthorizedAccessException;

    /// <summary>Processes an event; returns whether a new decision is needed.</summary>
    private bool Take(object item, HashSet<int> deleted)
    {
        switch (item)
        {
            case EgressCluster cluster:
                _cluster = cluster;
                return true;
            case Heartbeat heartbeat:
                if (_failover?.Hear(heartbeat, _clock.Elapsed) == true)
                {
                    _decideDue = TimeSpan.Zero;
                }

                if (IsNative && _failover is not null && _failover.LinkChanges != _linkChanges)
                {
                    // Many nodes are heard for the first time together.
                    _linkChanges = _failover.LinkChanges;
                    _compareDue ??= _clock.Elapsed + Breath;
                }

                return false;
            case Change.Table:
                if (_applier.IsTableForeign())
                {
                    logger.LogWarning("Another program changed the table {Table}; it is restored", EgressTable.Table);
                    GatewayMetrics.Restored.Add(1);
                    _applier.Forget();
                    return true;
                }

                return false;
            default:
                var changes = links.Take();
                deleted.UnionWith(changes.DeletedLinks);
                if (!changes.IsComplete || changes.Routes || changes.Links.Count > 0)
                {
                    // Many arrive together, including some caused by us.
                    _compareDue ??= _clock.Elapsed + Breath;
                }

                return changes.DeletedLinks.Count > 0;
        }
    }

    private bool Due(TimeSpan now)
    {
        if (now - _comparedAt < CompareEvery && !(now >= _compareDue))
        {
            return false;
        }

        (_comparedAt, _compareDue) = (now, null);
        _applier.CompareRoutes();
        return true;
    }

    private void Decide(bool isNews, HashSet<int> deleted, TimeSpan now)
    {
        // Heartbeats without news arrive much more often than this.
        _decideDue = now + (_announcer.IsBusy ? ShortTick : Tick);
        isNews |= _usable is null;
        var own = isNews || _facts is null ? kernel.Network.Addresses.List() : [];
        var cluster = isNews ? WithoutOwnAddresses(_cluster!, own) : _usable!;
        _usable = cluster;
        var addresses = cluster.Spaces.SelectMany(space => space.Addresses).ToList();
        _failover ??= new Failover(cluster.Own!.Value, times, now, ServedBefore(addresses));
        var decision = _failover.Decide(
            addresses, [.. cluster.Nodes.Select(node => node.Number)], witness,
            address => address.IsPresent || _announcer.IsFree(address.Address, now), now);
        var isChanged = _decision is null || !decision.IsSameAs(_decision);
        if (!isNews && !isChanged)
        {
            return;
        }

        var facts = isNews || _facts is null ? Read(cluster, own) : _facts;
        facts = facts with
        {
            Ways = decision.Ways,
            Served = decision.Served,
            Announced = decision.Answered,
        };
        var before = _facts;
        if (isNews)
        {
            EndInherited(facts, before, deleted);
        }

        // Stop answering for released addresses before the rules are written.
        _announcer.AnswerOnly(AnsweredIn(facts));
        _applier.Apply(facts);
        (_facts, _retryDue) = (facts, null);
        if (_applier.FastPathRefusal is { } refusal && refusal != _refusal)
        {
            logger.LogInformation("The kernel has no fast path, and forwards as usual: {Why}", refusal);
        }

        _refusal = _applier.FastPathRefusal;
        _announcer.Answer(facts);
        NoteMoves(decision, addresses, now);
        _decision = decision;
        Open(facts);
        // Other nodes are informed of the move at once.
        _saidAt = isChanged ? now - times.Interval : _saidAt;
        Say(Problem(facts));
    }

    /// <summary>The numbers of the fixed IPs that an earlier run served on this node.</summary>
    private IReadOnlyList<int> ServedBefore(List<FixedIP> addresses)
    {
        var served = _applier.Served();
        return [.. addresses.Where(address => served.Contains(address.Address)).Select(address => address.Number)];
    }

    /// <summary>
    /// Does not take an address of the node itself that is not declared as shared: all other traffic of the node on it
    /// would be dropped or blocked.
    /// </summary>
    private EgressCluster WithoutOwnAddresses(EgressCluster cluster, IReadOnlyList<LinkAddress> addresses)
    {
        var own = addresses.Select(address => address.Address).ToHashSet();
        own.ExceptWith(cluster.Spaces.SelectMany(space => space.Addresses).Where(address => address.IsShared)
            .Select(address => address.Address));
        _ownAddresses =
        [
            .. cluster.Spaces.SelectMany(space => space.Addresses).Select(address => address.Address)
                .Where(own.Contains),
        ];
        return _ownAddresses.IsEmpty
            ? cluster
            : cluster with
            {
                Spaces =
                [
                    .. cluster.Spaces.Select(space => space with
                    {
                        Addresses =
                        [
                            .. space.Addresses.Select(address => own.Contains(address.Address)
                                ? address with { Gateways = address.Gateways.Remove(cluster.Own!.Value) }
                                : address),
                        ],
                    }),
                ],
            };
    }

    private EgressFacts Read(EgressCluster cluster, IReadOnlyList<LinkAddress> addresses)
    {
        var network = kernel.Network;
        _members ??= new EgressMembers(_applier.KnownDynos());
        var (allLinks, routes) = (network.Links.List(), network.Routes.List());
        var facts = new EgressFacts { Own = cluster.Own!.Value, Nodes = cluster.Nodes, Spaces = cluster.Spaces };
        var uplinks = EgressUplinks.Find(facts.Node, facts.Addresses, allLinks, addresses, routes);
        facts = facts with
        {
            Dynos = _members.Bind(cluster.Pods, allLinks, routes),
            Uplinks = uplinks.Names,
            AnnouncedOn = uplinks.AnnouncedOn,
            OwnAddresses = _ownAddresses,
            UplinkMtu = uplinks.Mtu,
        };
        _hasIpsec = network.Ipsec.Exist();
        facts = facts with { Exits = EgressExit.Find(facts, allLinks, routes, _hasIpsec) };
        if (IsNative)
        {
            facts = facts with { IsNative = true };
            facts = facts with
            {
                Direct = DirectPeer.Find(facts, _failover?.NativePeers ?? [], allLinks, routes),
                PeerMacs = [.. (_failover?.PeerMacs ?? []).OrderBy(Text, StringComparer.Ordinal)],
            };
            _uplinkMacs =
            [
                .. allLinks.Where(link => facts.Uplinks.Contains(link.Name) && link.Mac is not null)
                    .Select(link => link.Mac!),
            ];
        }

        _announcer.Watch(facts, allLinks);
        return facts;
    }

    /// <summary>Must run before the rules for a new owner are written.</summary>
    private void EndInherited(EgressFacts facts, EgressFacts? before, HashSet<int> deleted)
    {
        if (before is not null && deleted.Count == 0 && before.Dynos.SequenceEqual(facts.Dynos)
            && before.Spaces.Length == facts.Spaces.Length
            && before.Spaces.Zip(facts.Spaces).All(pair => pair.First.HasSameSources(pair.Second)))
        {
            return;
        }

        var gone = (before?.Dynos ?? []).Except(facts.Dynos).Select(dyno => dyno.Address).ToHashSet();
        _inUse = _applier.EndInherited(facts, gone).Connections;
    }

    private void NoteMoves(FailoverDecision decision, List<FixedIP> addresses, TimeSpan now)
    {
        foreach (var address in addresses.Where(address => decision.Claimed.Contains(address.Number)
            && _decision?.Claimed.Contains(address.Number) != true))
        {
            logger.LogInformation("{Address} is at this node now", address.Address);
            GatewayMetrics.Moves.Add(1);
            if (!address.IsPresent)
            {
                _announcer.Announce(address.Address, now);
            }
        }

        if (decision.IsFenced && _decision?.IsFenced != true)
        {
            logger.LogWarning("This node hears no majority of the others and gives up its fixed IPs");
        }
    }

    /// <summary>Opens the socket and the gate, which need the address of the tunnel.</summary>
    private void Open(EgressFacts facts)
    {
        if (_heartbeats is null)
        {
            _heartbeats = new UdpClient(new IPEndPoint(TunnelNumbers.Address(facts.Own), TunnelNumbers.HeartbeatPort));
            var client = _heartbeats;
            Background(() => Listen(client));
        }

        if (_gates.Count == 0 && facts.IsGateway)
        {
            var own = kernel.Network.Addresses.List().Select(item => item.Address).ToHashSet();
            foreach (var address in new[] { TunnelNumbers.Address(facts.Own), TunnelNumbers.GateAddress6Of(facts.Own) }
                .Where(own.Contains))
            {
                var gate = new GateServer(address, logger);
                _gates.Add(gate);
                _ = gate.RunAsync(CancellationToken.None);
            }
        }
    }

    private void Listen(UdpClient client)
    {
        var from = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            try
            {
                var bytes = client.Receive(ref from);
                // A heartbeat with another node's number is ignored.
                if (Heartbeat.Decode(bytes) is { } heartbeat
                    && from.Address.Equals(TunnelNumbers.Address(heartbeat.Node)))
                {
                    _events.Add(heartbeat);
                }
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException
                || e is SocketException { SocketErrorCode: SocketError.Interrupted or SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP error for an earlier packet.
            }
        }
    }

    private void Speak(TimeSpan now)
    {
        _announcer.Renew();
        if (_facts is null || _failover is null || now - _saidAt < times.Interval)
        {
            return;
        }

        _saidAt = now;
        var peers = EgressKernelPlanner.Peers(_facts);
        GatewayMetrics.SetSilent(peers.Count(peer => !_failover.Hears(peer.Number, now)));
        if (_heartbeats is null)
        {
            return;
        }

        var messages = _failover.Messages(now)
            .Select(message => (message with
            {
                IsNative = IsNative,
                Macs = [.. _announcer.Macs.Concat(_uplinkMacs).Distinct()],
            }).Encode())
            .ToList();
        foreach (var peer in peers)
        {
            var target = new IPEndPoint(TunnelNumbers.Address(peer.Number), TunnelNumbers.HeartbeatPort);
            try
            {
                messages.ForEach(message => _heartbeats.Send(message, message.Length, target));
            }
            catch (SocketException)
            {
                // The peer misses a heartbeat, which heartbeats are designed to detect.
            }
        }
    }

    private void Announce(TimeSpan now)
    {
        if (_facts is not null && _announcer.Step(() => AnsweredIn(_facts), GatewayMacs, now))
        {
            Say(Problem(_facts));
        }
    }

    private static HashSet<IPAddress> AnsweredIn(EgressFacts facts) =>
        [.. facts.Addresses.Where(address => facts.Announced.Contains(address.Number)).Select(item => item.Address)];

    /// <summary>
    /// The hardware addresses of other gateways, including dead ones; for a gateway that was never heard, the address
    /// that the kernel knows.
    /// </summary>
    private IReadOnlySet<PhysicalAddress> GatewayMacs()
    {
        var nodes = _facts!.Nodes.SelectMany(node => node.Addresses).ToHashSet();
        return kernel.Network.Neighbours.List()
            .Where(neighbour => neighbour.Mac is not null && nodes.Contains(neighbour.Address))
            .Select(neighbour => neighbour.Mac!)
            .Concat(_failover?.PeerMacs ?? [])
            .ToHashSet();
    }

    /// <summary>Handles that the node no longer participates.</summary>
    private void Withdraw()
    {
        Close();
        _applier.Remove();
        (_failover, _decision, _facts, _usable, _retryDue) = (null, null, null, null, null);
        Say(null);
    }

    private string? Problem(EgressFacts facts)
    {
        var unreached = facts.Addresses.FirstOrDefault(address => facts.Announced.Contains(address.Number)
            && !address.IsPresent && !facts.AnnouncedOn.ContainsKey(address.Address));
        var held = _announcer.Holders.OrderBy(holder => holder.Key.ToString(), StringComparer.Ordinal)
            .Select(holder => $"{holder.Key} is in use by the machine with the hardware address {Text(holder.Value)}, "
                + "which is not a gateway: take it from that machine, or use another address")
            .FirstOrDefault();
        return held is not null
            ? held
            : !_ownAddresses.IsEmpty
            ? $"{_ownAddresses.First()} is on an interface of this node, and the status of the Node does not name it "
                + "as its address: take it from the interface, or use the node's own address"
            : unreached is not null
            ? $"{unreached.Address} is on no network of this node, so nobody finds it here: choose gateways that share "
                + "its network, or mark it as present"
            : _members?.Problems.OrderBy(problem => problem.Key, StringComparer.Ordinal)
                .Select(problem => $"{problem.Key}: {problem.Value}").FirstOrDefault();
    }

    /// <summary>In the usual notation, such as 02:42:00:00:00:09.</summary>
    internal static string Text(PhysicalAddress mac) =>
        string.Join(':', mac.GetAddressBytes().Select(item => item.ToString("x2", CultureInfo.InvariantCulture)));

    private void Count()
    {
        if (_facts is null)
        {
            return;
        }

        if (kernel.Network.Ipsec.Exist() != _hasIpsec)
        {
            _compareDue ??= _clock.Elapsed;
        }

        var used = _applier.EndInherited(_facts, ImmutableHashSet<IPAddress>.Empty);
        _inUse = used.Connections;
        _blocks.Note(_facts, used, _clock.Elapsed);
        foreach (var (name, packets) in _applier.Counters())
        {
            var more = More(name, packets);
            _drops = _drops.SetItem(name, _drops.GetValueOrDefault(name) + more);
            GatewayMetrics.AddDropped(name, more);
        }

        foreach (var (name, packets) in _applier.FastPathCounters())
        {
            GatewayMetrics.AddFast(name == FastPathRules.Out ? "out" : "in", More(name, packets));
        }

        GatewayMetrics.SetPorts(_inUse);
        Say(_state.Problem);
    }

    /// <summary>What was added to a counter of the kernel, which restarts when its table is removed.</summary>
    private long More(string name, long packets)
    {
        var before = _counted.GetValueOrDefault(name);
        _counted[name] = packets;
        return packets >= before ? packets - before : packets;
    }

    private void Say(string? problem)
    {
        if (problem is not null && problem != _state.Problem)
        {
            logger.LogWarning("Egress: {Problem}", problem);
        }

        var holds = _decision is null || _facts is null
            ? []
            : _facts.Addresses.Where(address => _decision.Claimed.Contains(address.Number))
                .Select(address => address.Address).ToImmutableArray();
        _state = new EgressState(holds, _inUse, _drops, _decision?.IsFenced == true, problem)
        {
            Occupied = _announcer.Holders,
            Idle = _blocks.Idle,
            Released = _blocks.Released,
        };
        GatewayMetrics.SetHeld(holds.Length);
        GatewayMetrics.SetFenced(_state.IsFenced);
        GatewayMetrics.SetOccupied(_state.Occupied.Count);
        OnState();
    }

    private void Close()
    {
        _announcer.Close();
        _heartbeats?.Dispose();
        _gates.ForEach(gate => gate.Dispose());
        _gates.Clear();
        _heartbeats = null;
        GatewayMetrics.SetSilent(0);
    }

    private void Watch(Func<bool> wait, Change change, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (IsChanged())
            {
                _events.Add(change, CancellationToken.None);
                // Until the message is read, the same one would wake us repeatedly.
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(5));
            }
        }

        bool IsChanged()
        {
            try
            {
                return wait();
            }
            catch (SocketException)
            {
                // Notifications may have been lost.
                cancellationToken.WaitHandle.WaitOne(Breath);
                return true;
            }
        }
    }

    internal static string Explain(Exception e) => e switch
    {
        NftablesException { IsForbidden: true } or SocketException { NativeErrorCode: 1 or 13 } =>
            "the kernel refuses a change: the agent needs the capabilities NET_ADMIN and NET_RAW and the host network",
        NftablesException => $"nftables refuses the rules (version 1.0.6 and Linux 5.10 are needed): {e.Message}",
        SocketException { NativeErrorCode: 95 } =>
            $"the kernel cannot make the tunnel (module vxlan with group policy): {e.Message}",
        UnauthorizedAccessException or IOException => $"a setting of the kernel cannot be written: {e.Message}",
        _ => e.Message,
    };

    private enum Change
    {
        Table,
        Links,
    }
}
