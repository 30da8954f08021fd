using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Dynospace.Linux.Networking;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.Testing.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// A network of the test's own: nodes on one link with a router, behind which the outside is. The nodes route to each
/// other's pods and masquerade them, as simple networks do.
/// </summary>
internal sealed class EgressLab : IDisposable
{
    public static readonly IPAddress Outside = IPAddress.Parse("203.0.113.9");
    public static readonly IPAddress Outside6 = IPAddress.Parse("2001:db8:9::9");

    public static readonly IPAddress FixedA = IPAddress.Parse("198.51.100.201");
    public static readonly IPAddress FixedB = IPAddress.Parse("198.51.100.203");
    public static readonly IPAddress FixedA6 = IPAddress.Parse("fd77::201");
    public static readonly IPAddress FixedB6 = IPAddress.Parse("fd77::203");

    private static readonly ImmutableArray<IPNetwork> Exempt =
    [
        IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("10.96.0.0/12"), IPNetwork.Parse("198.51.100.0/28"),
        IPNetwork.Parse("fd10:244::/48"), IPNetwork.Parse("fd77::/120"),
    ];

    private readonly NetworkNamespace _lan = new();

    /// <param name="nodes">The numbers of dyno nodes, from 10 on.</param>
    /// <param name="gateways">The numbers of gateways, in their order. A node may be both.</param>
    /// <param name="isNative">Whether nodes send to each other without the tunnel.</param>
    public EgressLab(IReadOnlyList<int> nodes, IReadOnlyList<int> gateways, bool isNative = false)
    {
        IsNative = isNative;
        _lan.Ip("link add br0 type bridge");
        _lan.Ip("link set br0 up");
        OutsideHost = new LabHost(_lan, 1, [], Lease);
        OutsideHost.Namespace.IpBatch([$"address add {Outside}/32 dev lo", $"address add {Outside6}/128 dev lo nodad"]);
        var all = nodes.Union(gateways).Order().ToList();
        foreach (var number in all)
        {
            Hosts[number] = new LabHost(_lan, number, all, Lease);
        }

        Nodes =
        [
            .. all.Select(number => new TunnelNode($"n{number}", number, [
                LabHost.AddressOf(number), LabHost.Address6Of(number)])),
        ];
        Spaces = [.. Space("a", 1, FixedA, FixedA6), .. Space("b", 2, FixedB, FixedB6)];

        FixedIPSpace[] Space(string name, int number, IPAddress address, IPAddress address6) =>
        [
            new(name, [Fixed(address, number), Fixed(address6, number + 10)], Exempt),
        ];

        FixedIP Fixed(IPAddress address, int number) => new(address, number)
        {
            Gateways = [.. gateways],
            Ports = [.. nodes.Select((node, i) => new PortBlock(node, FirstPort(i), FirstPort(i) + 2047))],
        };
    }

    public bool IsNative { get; }

    /// <summary>Nodes whose agents are of before, and send and accept nothing without the tunnel.</summary>
    public HashSet<int> Old { get; } = [];

    public Dictionary<int, LabHost> Hosts { get; } = [];

    public LabHost OutsideHost { get; }

    /// <summary>The Lease of the API server.</summary>
    public SharedLease Lease { get; } = new();

    public ImmutableArray<TunnelNode> Nodes { get; }

    public ImmutableArray<FixedIPSpace> Spaces { get; set; }

    /// <summary>Which gateway has each fixed IP; by default its first.</summary>
    public Dictionary<int, int> Holders { get; } = [];

    /// <summary>Has a space leave from the own addresses of a node, its only gateway.</summary>
    public void Share(string space, int gateway) => Share(
        space, gateway, LabHost.AddressOf(gateway), LabHost.Address6Of(gateway));

    public void Share(string space, int gateway, params IPAddress[] own) => Spaces =
    [
        .. Spaces.Select(item => item.Namespace != space ? item : item with
        {
            Addresses =
            [
                .. item.Addresses.Zip(own, (address, shared) => new FixedIP(shared, address.Number)
                {
                    IsPresent = true,
                    IsShared = true,
                    Gateways = [gateway],
                    Ports = address.Ports,
                }),
            ],
        }),
    ];

    /// <summary>Applies what each node has to hold now.</summary>
    public void Apply(params int[] only)
    {
        foreach (var (number, host) in Hosts.Where(host => only.Length == 0 || only.Contains(host.Key)))
        {
            host.Apply(Facts(number));
        }
    }

    public EgressFacts Facts(int number)
    {
        var ways = Spaces.SelectMany(space => space.Addresses)
            .Where(address => !address.Gateways.IsEmpty)
            .ToImmutableDictionary(address => address.Number, address => address.Gateways[0])
            .SetItems(Holders);
        var served = ways.Where(way => way.Value == number).Select(way => way.Key).ToImmutableHashSet();
        var facts = new EgressFacts
        {
            Own = number,
            Nodes = Nodes,
            Spaces = Spaces,
            Dynos = [.. Hosts[number].Dynos],
            Ways = ways,
            Served = served,
            Announced = served,
            Uplinks = ["eth0"],
            IsNative = IsNative,
            PeerMacs = IsNative ? [.. Hosts.Values.Select(host => host.Mac)] : [],
            AnnouncedOn = Spaces.SelectMany(space => space.Addresses)
                .ToImmutableDictionary(address => address.Address, _ => Hosts[number].Uplink),
        };
        var network = Hosts[number].Kernel.Network;
        var (links, routes) = (network.Links.List(), network.Routes.List());
        return facts with
        {
            Exits = EgressExit.Find(facts, links, routes),
            Direct = DirectPeer.Find(facts, Hosts.Keys.ToHashSet(), links, routes),
        };
    }

    /// <summary>Starts a pod that the agent knows as a dyno of a space.</summary>
    public LabPod AddDyno(int node, int index, string space)
    {
        var pod = Hosts[node].AddPod(index);
        Admit(pod, space);
        Apply(node);
        return pod;
    }

    /// <summary>The agent learns that a pod is gone.</summary>
    public static void Release(LabPod pod) => pod.Host.Dynos.RemoveAll(dyno => dyno.Link == pod.Link);

    public void Admit(LabPod pod, string space)
    {
        var own = Spaces.First(item => item.Namespace == space);
        pod.Host.Dynos.RemoveAll(dyno => dyno.Link == pod.Link);
        pod.Host.Dynos.AddRange(pod.Addresses.Select(address => new EgressDyno(
            pod.Link, pod.LinkName, address, own.Key,
            own.Addresses.FirstOrDefault(item => item.Address.AddressFamily == address.AddressFamily)?.Number)));
    }

    /// <summary>Starts a pod of a space; the workers learn of it.</summary>
    public LabPod AddPod(int node, int index, string space)
    {
        var pod = Hosts[node].AddPod(index);
        pod.Space = space;
        Post();
        return pod;
    }

    /// <summary>Opens the gate on every gateway.</summary>
    public void OpenGates()
    {
        foreach (var number in Spaces.SelectMany(space => space.Addresses).SelectMany(address => address.Gateways)
            .Distinct())
        {
            Hosts[number].OpenGate();
        }
    }

    /// <summary>Has an agent's worker on each node, which follows what is posted.</summary>
    public void StartWorkers(FailoverTimes? times = null)
    {
        foreach (var host in Hosts.Values)
        {
            host.StartWorker(times ?? new FailoverTimes(), IsNative && !Old.Contains(host.Number));
        }

        Post();
    }

    /// <summary>Gives the workers what the API server would say.</summary>
    public void Post()
    {
        foreach (var host in Hosts.Values.Where(host => host.IsApiReached))
        {
            host.Worker!.Post(new EgressCluster(
                host.Number, Nodes, Spaces, [.. host.Pods.Where(pod => pod.Space is not null).Select(ToApi)]));
        }
    }

    /// <summary>Takes a machine's link to the others away, or gives it back.</summary>
    public void SetLink(int number, bool isUp) => _lan.Ip($"link set p{number} {(isUp ? "up" : "down")}");

    private EgressPod ToApi(LabPod pod)
    {
        var space = Spaces.First(item => item.Namespace == pod.Space);
        return new EgressPod(pod.LinkName, pod.LinkName, space.Key,
        [
            .. pod.Addresses.Select(address => (address, space.Addresses
                .Where(item => item.Address.AddressFamily == address.AddressFamily)
                .Select(item => (int?)item.Number).FirstOrDefault())),
        ]);
    }

    /// <summary>What each node has dropped, for the test's output.</summary>
    public string DescribeDrops() => string.Join('\n', Hosts.Values.Select(host =>
        $"node {host.Number} dropped: "
        + string.Join(", ", host.Counters().Select(counter => $"{counter.Key} {counter.Value}"))));

    public static int FirstPort(int block) => 20_000 + (2048 * block);

    public void Dispose()
    {
        foreach (var host in Hosts.Values)
        {
            host.Dispose();
        }

        OutsideHost.Dispose();
        _lan.Dispose();
    }
}

/// <summary>A machine on the link, with its pods.</summary>
internal sealed class LabHost : IDisposable
{
    /// <summary>What a simple network does with its pods' packets.</summary>
    public const string Masquerade = """
        table inet cni {
          chain post { type nat hook postrouting priority srcnat; policy accept;
            ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16 } counter masquerade
            ip6 saddr fd10:244::/32 ip6 daddr != fd10:244::/32 counter masquerade
          }
        }
        """;

    private static readonly TimeSpan HangsFor = TimeSpan.FromMinutes(1);

    private readonly List<LabPod> _pods = [];
    private readonly EgressApplier _applier;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly Announcer _announcer = new(TimeSpan.MaxValue);
    private volatile bool _hanging;
    private CancellationTokenSource _stop = new();
    private FailoverTimes _times = new();
    private bool _isNative;
    private readonly List<GateServer> _gates = [];
    private Thread? _working;

    public LabHost(NetworkNamespace lan, int number, IReadOnlyList<int> nodes, SharedLease lease)
    {
        (Number, Lease) = (number, lease);
        lan.Ip($"link add p{number} type veth peer name eth0 netns {Namespace.Name}");
        lan.IpBatch([$"link set p{number} master br0", $"link set p{number} up"]);
        Namespace.Set("ipv4/ip_forward", "1");
        Namespace.Set("ipv6/conf/all/forwarding", "1");
        // The strictest of what distributions set.
        Namespace.Set("ipv4/conf/all/rp_filter", number == 1 ? "0" : "1");
        Namespace.Set("ipv4/conf/default/rp_filter", number == 1 ? "0" : "1");
        Namespace.IpBatch(
        [
            $"address add {AddressOf(number)}/24 dev eth0",
            $"address add {Address6Of(number)}/64 dev eth0 nodad",
            "link set eth0 up",
            .. number == 1 ? Array.Empty<string>() :
            [
                $"route add default via {AddressOf(1)}",
                $"route add default via {Address6Of(1)}",
                .. nodes.Where(node => node != number).SelectMany(node => new[]
                {
                    $"route add 10.244.{node}.0/24 via {AddressOf(node)}",
                    $"route add fd10:244:{node}::/64 via {Address6Of(node)}",
                }),
            ],
        ]);
        if (number != 1)
        {
            Namespace.Nft(Masquerade);
        }

        var link = NetworkNamespace.Run("ip", ["-n", Namespace.Name, "-o", "link", "show", "eth0"]);
        Uplink = int.Parse(link[..link.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        Kernel = Namespace.Run(() => KernelAccess.Open(EgressTable.Name));
        _applier = new EgressApplier(Killing.Of(Kernel));
        Mac = Kernel.Network.Links.Find("eth0")!.Mac!;
    }

    public int Number { get; }

    public SharedLease Lease { get; }

    public NetworkNamespace Namespace { get; } = new();

    public int Uplink { get; }

    /// <summary>Kills the agent that the test plays.</summary>
    public KillSwitch Killing { get; } = new();

    /// <summary>Its hardware address on the network that all share.</summary>
    public PhysicalAddress Mac { get; }

    public KernelAccess Kernel { get; }

    public List<EgressDyno> Dynos { get; } = [];

    public static IPAddress AddressOf(int number) => new([198, 51, 100, (byte)number]);

    public static IPAddress Address6Of(int number) =>
        IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd77::{number}"));

    /// <summary>Applies facts, and answers for the fixed IPs that are here, as an agent does.</summary>
    public void Apply(EgressFacts facts) => Namespace.Run(() =>
    {
        _applier.Apply(facts);
        _announcer.Watch(facts, Kernel.Network.Links.List());
        _announcer.Answer(facts);
        _announcer.Renew();
        return true;
    });

    /// <summary>How long the rules alone take, from facts to the kernel.</summary>
    public TimeSpan TimeRules(EgressFacts facts) => Namespace.Run(() =>
    {
        var clock = Stopwatch.StartNew();
        _applier.Apply(facts);
        return clock.Elapsed;
    });

    public void Forget() => _applier.Forget();

    /// <summary>What the agent does when dynos came or went, beside writing rules.</summary>
    public PortUsage EndInherited(EgressFacts facts, params IEnumerable<IPAddress> gone) =>
        _applier.EndInherited(facts, gone.ToHashSet());

    /// <summary>Tells dynos their source, as the agent of a gateway does.</summary>
    public void OpenGate()
    {
        foreach (var address in new[] { TunnelNumbers.Address(Number), TunnelNumbers.GateAddress6Of(Number) })
        {
            var gate = Namespace.Run(() => new GateServer(address, NullLogger.Instance));
            _gates.Add(gate);
            _ = gate.RunAsync(CancellationToken.None);
        }
    }

    /// <summary>Whether the worker's agent reaches the API server.</summary>
    public bool IsApiReached { get; set; } = true;

    public EgressWorker? Worker { get; private set; }

    public IReadOnlyList<LabPod> Pods => _pods;

    public void StartWorker(FailoverTimes times, bool isNative)
    {
        (_times, _isNative) = (times, isNative);
        var kernel = Namespace.Run(() => KernelAccess.Open(EgressTable.Name));
        var links = Namespace.Run(() => new NetworkMonitorSocket());
        Worker = new EgressWorker(
            kernel, links, times, new LabWitness($"n{Number}", Lease, () => IsApiReached, () => _time.Elapsed),
            NullLogger.Instance)
        {
            IsNative = isNative,
            OnState = () => _stop.Token.WaitHandle.WaitOne(_hanging ? HangsFor : TimeSpan.Zero),
        };
        _working = new Thread(() => Namespace.Run(() =>
        {
            Worker.Run(_stop.Token);
            return true;
        }));
        _working.Start();
    }

    /// <summary>Has the worker's thread do nothing for a while, from its next event on.</summary>
    public void Hang() => _hanging = true;

    /// <summary>Kills the agent and starts another, which knows nothing of the former.</summary>
    public void RestartWorker() => RestartWorker(_isNative);

    public void RestartWorker(bool isNative)
    {
        StopWorker();
        _stop = new CancellationTokenSource();
        StartWorker(_times, isNative);
    }

    /// <summary>Kills the agent; what it wrote stays.</summary>
    public void StopWorker()
    {
        _stop.Cancel();
        _working?.Join();
        Worker?.Dispose();
        Worker = null;
    }

    /// <summary>A pod as the plugin ptp makes it: a host route and a gateway that is on the link.</summary>
    public LabPod AddPod(int index)
    {
        var pod = new LabPod(this, index);
        _pods.Add(pod);
        return pod;
    }

    /// <summary>Packets by the counters of the table.</summary>
    public IReadOnlyDictionary<string, long> Counters() => _applier.Counters();

    /// <summary>Packets forwarded on the fast path, by counter.</summary>
    public IReadOnlyDictionary<string, long> FastPathCounters() => _applier.FastPathCounters();

    public void Dispose()
    {
        StopWorker();
        _gates.ForEach(gate => gate.Dispose());
        _announcer.Dispose();
        _pods.ForEach(pod => pod.Dispose());
        _applier.Dispose();
        _stop.Dispose();
        Namespace.Dispose();
    }
}

/// <summary>A pod.</summary>
internal sealed class LabPod : IDisposable
{
    private static int _count;
    private bool _isGone;

    public LabPod(LabHost host, int index)
    {
        Host = host;
        LinkName = string.Create(CultureInfo.InvariantCulture, $"v{Interlocked.Increment(ref _count)}");
        var address = new IPAddress([10, 244, (byte)host.Number, (byte)index]);
        var address6 = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd10:244:{host.Number}::{index}"));
        Addresses = [address, address6];
        host.Namespace.Ip($"link add {LinkName} type veth peer name eth0 netns {Namespace.Name}");
        host.Namespace.IpBatch(
        [
            $"address add 169.254.1.1/32 dev {LinkName}",
            $"address add fe80::1/64 dev {LinkName} nodad",
            $"link set {LinkName} up",
            $"route add {address} dev {LinkName}",
            $"route add {address6} dev {LinkName}",
        ]);
        Namespace.IpBatch(
        [
            $"address add {address}/32 dev eth0",
            $"address add {address6}/128 dev eth0 nodad",
            "link set eth0 up",
            "route add 169.254.1.1 dev eth0 scope link",
            "route add default via 169.254.1.1",
            "route add default via fe80::1 dev eth0",
        ]);
        var link = NetworkNamespace.Run("ip", ["-n", host.Namespace.Name, "-o", "link", "show", LinkName]);
        Link = int.Parse(link[..link.IndexOf(':', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }

    public LabHost Host { get; }

    /// <summary>The space that the API server shows it in; null while it shows no such pod.</summary>
    public string? Space { get; set; }

    public NetworkNamespace Namespace { get; } = new();

    public string LinkName { get; }

    public int Link { get; }

    public ImmutableArray<IPAddress> Addresses { get; }

    public IPAddress AddressFor(IPAddress target) =>
        Addresses.First(address => address.AddressFamily == target.AddressFamily);

    public void Dispose()
    {
        if (!_isGone)
        {
            _isGone = true;
            // At once: sockets would keep the namespace, and with it the link.
            Host.Namespace.Ip($"link del {LinkName}");
            Namespace.Dispose();
        }
    }
}
