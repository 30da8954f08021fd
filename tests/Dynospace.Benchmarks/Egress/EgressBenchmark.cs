// Egress: what fixed outbound IPs cost, and what connections notice when a gateway dies or makes room.

using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Reports;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Tests.Egress;
using Dynospace.Testing.Networks;

namespace Dynospace.Benchmarks.Egress;

/// <summary>
/// The built-in egress gateway by packets: connections through a crash and a drain, latency and throughput beside plain
/// VXLAN and plain forwarding, the cost of a change, and flows to one destination.
/// </summary>
internal static class EgressBenchmark
{
    private const int Connections = 1000;
    private const int Flows = 55_000;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static Command Command()
    {
        var command = new Command(
            "egress", "Measures fixed outbound IPs beside plain VXLAN and plain forwarding. Needs root.");
        var only = new Option<Part?>("--only") { Description = "One part alone." };
        command.Options.Add(only);
        command.SetAction((result, _) => RunAsync(result.GetValue(only)));
        return command;
    }

    private enum Part
    {
        Paths,
        Changes,
        Flows,
        Connections,
    }

    private static async Task<int> RunAsync(Part? only)
    {
        if (NetworkNamespace.Missing is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 1;
        }

        IReadOnlyList<Figure> figures =
        [
            .. Is(Part.Paths) ? PathComparison.Measure() : [],
            .. Is(Part.Changes) ? [.. ChangeCost(10), .. ChangeCost(100)] : Array.Empty<Figure>(),
            .. Is(Part.Flows) ? FlowsToOneDestination() : [],
            .. Is(Part.Connections) ? await LiveConnectionsAsync() : [],
        ];
        return ConsoleReport.WriteBoth("Fixed outbound IPs", figures);

        bool Is(Part part) => only is null || only == part;
    }

    /// <summary>Half of them are spoken on by the dyno, half by the outside alone.</summary>
    private static async Task<IReadOnlyList<Figure>> LiveConnectionsAsync()
    {
        using var lab = new EgressLab([10], [11, 12]);
        lab.StartWorkers();
        await UntilAsync(() => Holds(lab, 11));
        var pods = Enumerable.Range(2, 10).Select(index => lab.AddPod(10, index, index % 2 == 0 ? "a" : "b")).ToList();
        await Task.Delay(TimeSpan.FromSeconds(1));
        var open = new List<LiveConnection>();
        for (var i = 0; i < Connections; i++)
        {
            open.Add(await LiveConnection.OpenAsync(
                pods[i % pods.Count], lab.OutsideHost, i % 2 == 0 ? Speaker.Dyno : Speaker.Server, EgressLab.Outside,
                Spacing));
        }

        var figures = new List<Figure>
        {
            await ThroughAsync("nothing, for comparison", () => Task.Delay(TimeSpan.FromSeconds(5))),
            await ThroughAsync("the crash of the gateway", async () =>
            {
                lab.SetLink(11, isUp: false);
                await UntilAsync(() => Holds(lab, 12));
            }),
        };
        lab.SetLink(11, isUp: true);
        await UntilAsync(() => Holds(lab, 11));
        figures.Add(await ThroughAsync("a planned drain", async () =>
        {
            lab.Spaces =
            [
                .. lab.Spaces.Select(space => space with
                {
                    Addresses = [.. space.Addresses.Select(item => item with { Gateways = [12, 11] })],
                }),
            ];
            lab.Post();
            await UntilAsync(() => Holds(lab, 12));
        }));
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        return figures;

        async Task<Figure> ThroughAsync(string what, Func<Task> change)
        {
            open.ForEach(connection => connection.ResetGap());
            await change();
            var goOn = await Task.WhenAll(open.Select(connection => connection.GoesOnAsync(Patience)));
            var survived = goOn.Count(item => item);
            // Messages are spaced even without an outage.
            var outages = open.Select(connection => Max(connection.LongestGap - Spacing, TimeSpan.Zero)).ToList();
            return new(
                $"{Connections} connections through {what}: outage p50 / max",
                $"{survived} go on; {Text(Percentile.Of(outages, 50))} / {Text(outages.Max())}",
                $"{Connections} go on", survived == Connections);
        }
    }

    /// <summary>A node with 100 dynos, of as many spaces as there are, each with an IP.</summary>
    private static IReadOnlyList<Figure> ChangeCost(int spaces)
    {
        const int dynosHere = 100;
        using var lab = new EgressLab([10], [11, 12]);
        var node = lab.Hosts[10];
        lab.Spaces = [.. Enumerable.Range(0, spaces).Select(SpaceOf)];
        node.Dynos.AddRange(Enumerable.Range(0, dynosHere).Select(i => Dyno(lab, i)));
        lab.Apply();
        var adding = Repeat(50, i =>
        {
            node.Dynos.Add(Dyno(lab, dynosHere + i));
            return node.TimeRules(lab.Facts(10));
        });
        var rules = node.Kernel.Network.Rules.List().Count(rule => rule.Protocol == EgressKernelPlanner.Protocol);

        lab.Spaces = [.. Enumerable.Range(0, 400).Select(SpaceOf)];
        lab.Apply();
        var moving = Repeat(10, i =>
        {
            foreach (var address in lab.Spaces.SelectMany(space => space.Addresses))
            {
                lab.Holders[address.Number] = i % 2 == 0 ? 12 : 11;
            }

            // The node that sends, and the gateway that takes over.
            var (sends, takes) = (lab.Facts(10), lab.Facts(i % 2 == 0 ? 12 : 11));
            var time = lab.Hosts[takes.Own].TimeRules(takes) + node.TimeRules(sends);
            lab.Apply();
            return time;
        });
        return
        [
            new($"one more dyno on a node with 100, of {spaces} spaces, p50 / p99", Both(adding), "1 ms",
                Percentile.Of(adding, 50) < TimeSpan.FromMilliseconds(1)),
            new($"400 IPs moved, at the gateway and at the node, p50 / max ({spaces} spaces before)",
                $"{Text(Percentile.Of(moving, 50))} / {Text(moving.Max())}", "5 ms",
                Percentile.Of(moving, 50) < TimeSpan.FromMilliseconds(5)),
            new($"ip rules on a node with {dynosHere + 50} dynos and 2 gateways, both families",
                rules.ToString(CultureInfo.InvariantCulture)),
        ];

        FixedIPSpace SpaceOf(int index) => new(
            $"s{index}",
            [
                new(new IPAddress([198, 51, (byte)(101 + (index / 200)), (byte)(1 + (index % 200))]), 100 + index)
                {
                    Gateways = [11, 12],
                    Ports = [new PortBlock(10, 20_000, 22_047)],
                },
            ],
            [IPNetwork.Parse("10.244.0.0/16"), IPNetwork.Parse("10.96.0.0/12")]);

        static EgressDyno Dyno(EgressLab lab, int i)
        {
            var space = lab.Spaces[i % lab.Spaces.Length];
            return new(
                10_000 + i, $"veth{i}", new IPAddress([10, 244, (byte)(16 + (i / 200)), (byte)(1 + (i % 200))]),
                space.Key, space.Addresses[0].Number);
        }
    }

    /// <summary>Each from another port of a few dynos: first ports that differ, then the same of all dynos.</summary>
    private static IReadOnlyList<Figure> FlowsToOneDestination()
    {
        const int dynos = 10;
        return
        [
            Measure("with different source ports", isSame: false),
            Measure("with the same source ports", isSame: true),
        ];

        static Figure Measure(string how, bool isSame)
        {
            using var lab = new EgressLab([10], [11]);
            lab.Spaces =
            [
                .. lab.Spaces.Select(space => space with
                {
                    Addresses = [.. space.Addresses.Select(address => address with
                    {
                        Ports = [new PortBlock(10, 1024, 65_535)],
                    })],
                }),
            ];
            lab.Apply();
            var pods = Enumerable.Range(0, dynos).Select(index => lab.AddDyno(10, 2 + index, "a")).ToList();
            using var outside = lab.OutsideHost.Namespace.OpenUdp(EgressLab.Outside, 9000);
            outside.ReceiveTimeout = 200;
            var seen = new HashSet<(IPAddress, int)>();
            var (refused, buffer, from) = (0, new byte[16], (EndPoint)new IPEndPoint(IPAddress.Any, 0));
            for (var i = 0; i < Flows; i++)
            {
                var pod = pods[i % dynos];
                var port = 1024 + (isSame ? i / dynos : i);
                using var socket = Within(pod, () => new Socket(
                    AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
                socket.Bind(new IPEndPoint(pod.Addresses[0], port));
                try
                {
                    socket.SendTo(buffer, new IPEndPoint(EgressLab.Outside, 9000));
                    outside.ReceiveFrom(buffer, ref from);
                    seen.Add((((IPEndPoint)from).Address, ((IPEndPoint)from).Port));
                }
                catch (SocketException)
                {
                    refused++;
                }
            }

            var isOne = seen.Select(item => item.Item1).Distinct().Single().Equals(EgressLab.FixedA);
            return new(
                $"{Flows} flows to one destination on one IP, {how}",
                $"{seen.Count} source ports, {refused} refused", $"{Flows}", isOne && seen.Count == Flows);
        }
    }

    private static readonly Dictionary<LabPod, NamespaceThread> Threads = [];

    /// <summary>
    /// On a thread that stays in the namespace: a thread for each socket would take most of the time.
    /// </summary>
    private static T Within<T>(LabPod pod, Func<T> action)
    {
        if (!Threads.TryGetValue(pod, out var thread))
        {
            Threads[pod] = thread = new NamespaceThread(pod.Namespace);
        }

        return thread.Run(action);
    }

    private static bool Holds(EgressLab lab, int gateway) =>
        lab.Hosts[gateway].Worker!.State.Holds.Length == lab.Spaces.Sum(space => space.Addresses.Length);

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(10, patience.Token);
        }
    }

    private static List<TimeSpan> Repeat(int times, Func<int, TimeSpan> measure) =>
        [.. Enumerable.Range(0, times).Select(measure)];

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static string Both(List<TimeSpan> times) =>
        $"{Text(Percentile.Of(times, 50))} / {Text(Percentile.Of(times, 99))}";

    private static string Text(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.##} ms");
}
