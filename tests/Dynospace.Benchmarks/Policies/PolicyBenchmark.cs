using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Reports;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.Reachability.Addresses;
using Dynospace.Testing.Networks;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.Benchmarks.Policies;

/// <summary>
/// What the node agent's policies cost: <c>policies</c> writes the rules of clusters of two sizes into the kernel of a
/// network namespace, times updates, and sends packets through them.
/// </summary>
internal sealed class PolicyBenchmark
{
    private const int Updates = 200;
    private const double UpdateAim = 5;
    private const double LatencyAim = 3;
    private const double EffectAim = 200;

    private readonly List<Figure> _figures = [];

    public static Command Command()
    {
        var command = new Command(
            "policies", "Measures the node agent's rules: size, updates, and what a packet pays. Needs root.");
        command.SetAction((_, _) => new PolicyBenchmark().RunAsync());
        return command;
    }

    private async Task<int> RunAsync()
    {
        if (NetworkNamespace.Missing is { } missing)
        {
            Console.Error.WriteLine(missing);
            return 1;
        }

        foreach (var (pods, policies) in new[] { (1_000, 100), (10_000, 1_000) })
        {
            var cluster = new PolicyCluster(pods, policies);
            var name = string.Create(CultureInfo.InvariantCulture, $"{pods:N0} pods x {policies:N0} policies");
            Measure(name, cluster);
            await MeasureEffectAsync(name, cluster);
        }

        return ConsoleReport.WriteBoth(
            $"Policies of the node agent, {PolicyCluster.LocalPods} pods on the node", _figures);
    }

    private void Measure(string name, PolicyCluster cluster)
    {
        using var node = cluster.CreateNode();
        using var kernel = node.Namespace.Run(() => KernelAccess.Open("dynospace_policies"));
        // Any cluster tracks connections, for its Services: that is not the policies' cost.
        node.Namespace.Nft(
            "table inet base { chain c { type filter hook forward priority -10; ct state established accept; }; }");
        using var load = new PacketLoad(node, cluster.Client, cluster.Server);
        var without = load.Measure();

        var index = new PolicyIndex(PolicyCluster.Node, CidrSet.Empty);
        var filling = Stopwatch.StartNew();
        cluster.Fill(index);
        var filled = filling.Elapsed;
        var enforcer = new Enforcer(kernel, index, NullLogger.Instance);
        var writing = Stopwatch.StartNew();
        enforcer.Apply();
        var written = writing.Elapsed;
        Add($"{name}: rules, sets, elements",
            $"{index.Rules.RuleCount}, {index.Rules.Sets.Count}, {index.Rules.ElementCount}");
        Add($"{name}: first compilation, first transaction", $"{Text(filled)}, {Text(written)}");
        var with = load.Measure();

        AddUpdates($"{name}: a pod of this node comes, p50 / p99", update =>
        {
            index.SetPod(PolicyCluster.KeyOf(update), PolicyCluster.NewPod(update, isLocal: true));
            enforcer.Apply();
        });
        AddUpdates($"{name}: a pod of another node comes, p50 / p99", update =>
        {
            index.SetPod(PolicyCluster.KeyOf(update + Updates), PolicyCluster.NewPod(update + Updates, isLocal: false));
            enforcer.Apply();
        });
        AddUpdates($"{name}: a policy changes, its connections looked at, p50 / p99", update =>
        {
            var policy = cluster.ChangedPolicy(update);
            index.SetPolicy(new(policy.Metadata.NamespaceProperty, policy.Metadata.Name), policy);
            enforcer.Apply();
            enforcer.Cut();
        }, aim: EffectAim);
        node.Namespace.Nft(RulesetText.Removal);
        var again = load.Measure();
        node.Namespace.Nft(PodChains.Text(cluster));
        var byPod = load.Measure();
        node.Namespace.Nft(PodChains.Removal);
        without = (Math.Min(without.Established, again.Established), Math.Min(without.First, again.First));
        AddLatency($"{name}: added for a packet of an open connection", with.Established, without.Established);
        AddLatency($"{name}: added for the first packet of a connection", with.First, without.First);
        Add($"{name}: the same by a chain for each pod, open connection / first packet",
            $"{Text(byPod.Established - without.Established)} / {Text(byPod.First - without.First)}");
    }

    private async Task MeasureEffectAsync(string name, PolicyCluster cluster)
    {
        using var node = cluster.CreateNode();
        await using var effect = await PolicyEffect.StartAsync(node, cluster);
        var (admitted, refused) = await effect.MeasureAsync();
        AddEffect($"{name}: a policy that is created admits a connection, p50 / p99", admitted);
        AddEffect($"{name}: a policy that is deleted ends an open connection, p50 / p99", refused);
    }

    private void AddEffect(string name, IReadOnlyList<TimeSpan> times)
    {
        var most = Percentile.Of(times, 99);
        _figures.Add(new Figure(
            name, $"{Text(Percentile.Of(times, 50))} / {Text(most)}",
            string.Create(CultureInfo.InvariantCulture, $"p99 under {EffectAim} ms"),
            most.TotalMilliseconds < EffectAim));
    }

    private void AddUpdates(string name, Action<int> update, double aim = UpdateAim)
    {
        var (times, work) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < Updates; i++)
        {
            var (started, used) = (Stopwatch.GetTimestamp(), ThreadTime.Now);
            update(i);
            times.Add(Stopwatch.GetElapsedTime(started));
            work.Add(ThreadTime.Now - used);
        }

        var median = Percentile.Of(times, 50);
        _figures.Add(new Figure(
            name,
            $"{Text(median)} / {Text(Percentile.Of(times, 99))}, {Text(Percentile.Of(work, 50))} of work",
            string.Create(CultureInfo.InvariantCulture, $"under {aim} ms"),
            median.TotalMilliseconds < aim));
    }

    private void AddLatency(string name, double with, double without) => _figures.Add(new Figure(
        name,
        $"{Text(with - without)} ({Text(without)} without)",
        string.Create(CultureInfo.InvariantCulture, $"under {LatencyAim} µs"),
        with - without < LatencyAim));

    private void Add(string name, string value) => _figures.Add(new Figure(name, value));

    private static string Text(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Text(double microseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{microseconds:0.00} µs");
}

/// <summary>The processor time of this thread, in programs and kernel: what a busy machine does not change.</summary>
internal static partial class ThreadTime
{
    private const int ThreadClock = 3;

    public static TimeSpan Now
    {
        get
        {
            Span<long> time = stackalloc long[2];
            _ = GetTime(ThreadClock, time);
            return TimeSpan.FromSeconds(time[0]) + TimeSpan.FromTicks(time[1] / 100);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Span<long> time);
}

/// <summary>A cluster with the kinds of policies that clusters have, of which one node holds a hundred pods.</summary>
internal sealed class PolicyCluster(int pods, int policies)
{
    public const string Node = "n1";
    public const int LocalPods = 100;

    public const int NamespaceCount = 100;
    public const int TeamCount = 10;

    public int Pods => pods;

    public int Policies => policies;

    /// <summary>The first two pods of a namespace, both on the node.</summary>
    public IPAddress Client { get; } = AddressOf(0);

    public IPAddress Server { get; } = AddressOf(NamespaceCount);

    /// <summary>The node, with the two pods between which packets are measured.</summary>
    public PacketNode CreateNode()
    {
        var node = new PacketNode([IPAddress.Parse("192.0.2.1")]);
        node.Add([Client]);
        node.Add([Server]);
        return node;
    }

    public void Fill(PolicyIndex index)
    {
        foreach (var item in Namespaces())
        {
            index.SetNamespace(item.Metadata.Name, item);
        }

        foreach (var pod in AllPods())
        {
            index.SetPod(new(pod.Metadata.NamespaceProperty, pod.Metadata.Name), pod);
        }

        foreach (var policy in AllPolicies())
        {
            index.SetPolicy(new(policy.Metadata.NamespaceProperty, policy.Metadata.Name), policy);
        }
    }

    public static IEnumerable<V1Namespace> Namespaces() =>
        Enumerable.Range(0, NamespaceCount).Select(i => new V1Namespace
        {
            Metadata = new()
            {
                Name = $"ns{i}",
                Labels = new Dictionary<string, string> { ["team"] = $"t{i % TeamCount}" },
            },
        });

    public IEnumerable<V1Pod> AllPods() => Enumerable.Range(0, pods).Select(i => Pod(
        i, $"ns{i % NamespaceCount}", $"p{i}", AddressOf(i), isLocal: i < LocalPods || i == NamespaceCount));

    public IEnumerable<V1NetworkPolicy> AllPolicies() => Enumerable.Range(0, policies).Select(Policy);

    /// <summary>The numbers of the policies that select a pod: all of its namespace.</summary>
    public IEnumerable<int> PoliciesOf(int pod) => Enumerable.Range(0, policies)
        .Where(policy => policy % NamespaceCount == pod % NamespaceCount);

    /// <summary>The pods of a namespace.</summary>
    public IEnumerable<IPAddress> PodsOf(int group) => Enumerable.Range(0, pods)
        .Where(pod => pod % NamespaceCount == group)
        .Select(AddressOf);

    /// <summary>The pods of the namespaces of a team.</summary>
    public IEnumerable<IPAddress> TeamOf(int team) => Enumerable.Range(0, pods)
        .Where(pod => pod % NamespaceCount % TeamCount == team)
        .Select(AddressOf);

    public static Runtime.ObjectKey KeyOf(int update) => new($"ns{update % NamespaceCount}", $"new{update}");

    public static V1Pod NewPod(int update, bool isLocal) =>
        Pod(update, $"ns{update % NamespaceCount}", $"new{update}", AddressOf(60_000 + update), isLocal);

    /// <summary>A policy that now admits fewer.</summary>
    public V1NetworkPolicy ChangedPolicy(int update)
    {
        var policy = Policy(update % policies);
        policy.Spec.Ingress[0].FromProperty[0].PodSelector =
            new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = $"a{update % 7}" } };
        return policy;
    }

    public static IPAddress AddressOf(int number) =>
        IPAddress.Parse(
            string.Create(CultureInfo.InvariantCulture, $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}"));

    private static V1Pod Pod(int number, string @namespace, string name, IPAddress address, bool isLocal) => new()
    {
        Metadata = new()
        {
            NamespaceProperty = @namespace,
            Name = name,
            Labels = new Dictionary<string, string> { ["app"] = $"a{number / NamespaceCount % 5}", ["tier"] = "web" },
        },
        Spec = new()
        {
            NodeName = isLocal ? Node : "other",
            Containers = [new() { Name = "c", Ports = [new() { Name = "web", ContainerPort = 8080 }] }],
        },
        Status = new() { Phase = "Running", PodIPs = [new() { Ip = address.ToString() }] },
    };

    /// <summary>
    /// Own namespace on some ports, another team's on a named port, ranges with exceptions; both directions.
    /// </summary>
    private static V1NetworkPolicy Policy(int number) => new()
    {
        Metadata = new() { NamespaceProperty = $"ns{number % NamespaceCount}", Name = $"np{number}" },
        Spec = new()
        {
            PodSelector = new(),
            PolicyTypes = ["Ingress", "Egress"],
            Ingress =
            [
                new()
                {
                    FromProperty = [new() { PodSelector = new() }],
                    Ports =
                    [
                        new() { Protocol = "UDP", Port = 1000, EndPort = 60_000 },
                        new() { Port = 5000 + (number % 10) },
                    ],
                },
                new()
                {
                    FromProperty =
                    [
                        new()
                        {
                            NamespaceSelector = new()
                            {
                                MatchLabels = new Dictionary<string, string>
                                {
                                    ["team"] = $"t{number / NamespaceCount}",
                                },
                            },
                        },
                    ],
                    Ports = [new() { Port = "web" }],
                },
            ],
            Egress =
            [
                new() { To = [new() { PodSelector = new() }] },
                new()
                {
                    To =
                    [
                        new()
                        {
                            IpBlock = new()
                            {
                                Cidr = "0.0.0.0/0",
                                Except = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
                            },
                        },
                    ],
                },
            ],
        },
    };
}

/// <summary>
/// Sends datagrams through the node. A veth hands a packet on before the send returns, so the processor time of a send
/// holds the way through the node.
/// </summary>
internal sealed class PacketLoad : IDisposable
{
    private const int Rounds = 60;
    private const int Packets = 500;
    private const int OpenPort = 1500;

    private readonly PacketNode _node;
    private readonly IPAddress _client;
    private readonly IPAddress _server;
    private readonly Socket _answers;

    public PacketLoad(PacketNode node, IPAddress client, IPAddress server)
    {
        (_node, _client, _server) = (node, client, server);
        _answers = node.At(server).OpenUdp(server, OpenPort);
        // Nothing takes the datagrams, nor is an error answered for each.
        node.At(server).Nft("table ip quiet { chain c { type filter hook input priority 0; drop; }; }");
    }

    /// <summary>Microseconds for a packet, the best of many rounds: what else runs only adds.</summary>
    public (double Established, double First) Measure()
    {
        var (established, first) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            using var socket = _node.At(_client).OpenUdp(_client);
            first = Math.Min(first, Send(socket, port => OpenPort + 1 + port));
            Send(socket, _ => OpenPort, packets: 1);
            // A connection is open once it was answered.
            _answers.SendTo(new byte[1], socket.LocalEndPoint!);
            established = Math.Min(established, Send(socket, _ => OpenPort));
        }

        return (established, first);
    }

    public void Dispose() => _answers.Dispose();

    private double Send(Socket socket, Func<int, int> portOf, int packets = Packets)
    {
        var targets = Enumerable.Range(0, packets)
            .Select(i => new IPEndPoint(_server, portOf(i)).Serialize())
            .ToArray();
        var payload = new byte[64];
        var started = ThreadTime.Now;
        foreach (var target in targets)
        {
            socket.SendTo(payload, SocketFlags.None, target);
        }

        return (ThreadTime.Now - started).TotalMicroseconds / packets;
    }
}
