using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// Dynos that come and go quickly with few addresses and always the same source ports, so that each inherits what
/// conntrack knows of the one before, while the rules are flushed, gateways die and return, the fixed IPs move between
/// them, and the agents are killed at every step by which they change the kernel. The agent is late both times, as it
/// is when the API server is slow.
/// </summary>
public sealed class EgressLeakTests(ITestOutputHelper output)
{
    private const int Addresses = 5;
    private const int SourcePort = 33_333;
    private const int Burst = 2;
    private const int MostDynos = 600;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(1);

    private readonly List<int> _kills = [];
    private int _turns;
    private int _mostSteps = 10;

    [Theory]
    [InlineData(200, 200_000, new[] { 10 }, new[] { 11, 12 }, false)]
    [InlineData(30, 10_000, new[] { 10, 11 }, new[] { 11, 12 }, false)]
    [InlineData(60, 20_000, new[] { 10, 11 }, new[] { 11, 12 }, true)]
    public async Task No_packet_leaves_with_another_source(
        int dynos, int packets, int[] nodes, int[] gateways, bool isNative)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways, isNative);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        lab.OpenGates();
        var living = new Dictionary<(int Node, int Index), Tenant>();
        var ended = new List<Task>();
        // A slow machine has more dynos, until the packets are enough.
        for (var i = 0; i < dynos || (outside.Total < packets && i < MostDynos); i++)
        {
            var place = (Node: nodes[i % nodes.Length], Index: 2 + (i / nodes.Length % Addresses));
            var host = lab.Hosts[place.Node];
            if (living.Remove(place, out var before))
            {
                // Its packets go on to the last instant; the agent hears of it when the next one is there.
                before.Pod.Dispose();
                ended.Add(before.EndAsync());
            }

            var kind = new[] { "a", "b", "stranger" }[Random.Shared.Next(3)];
            var tenant = new Tenant(host.AddPod(place.Index), kind);
            living[place] = tenant;
            if (kind == "stranger")
            {
                tenant.Begin();
            }

            await Task.Delay(Random.Shared.Next(10, 60), TestContext.Current.CancellationToken);
            await UpdateAsync(lab, place.Node, before, tenant);
            if (kind != "stranger")
            {
                _ = tenant.BeginBehindGateAsync(kind == "a" ? EgressLab.FixedA : EgressLab.FixedB);
            }

            if (i % 10 == 9)
            {
                host.Namespace.Nft("flush ruleset");
                host.Namespace.Nft(LabHost.Masquerade);
                await Task.Delay(Moment, TestContext.Current.CancellationToken);
                host.Forget();
                await ApplyAsync(lab, place.Node);
            }

            if (i % 8 == 7)
            {
                await MoveAsync(lab, gateways, isCrash: i % 16 == 15);
            }
        }

        await Task.Delay(Moment, TestContext.Current.CancellationToken);
        foreach (var tenant in living.Values)
        {
            ended.Add(tenant.EndAsync());
        }

        await Task.WhenAll(ended);
        output.WriteLine($"{outside.Describe()}\n{lab.DescribeDrops()}");
        var counts = outside.Seen.GroupBy(item => item.Key.Sender).ToDictionary(
            group => group.Key, group => group.Sum(item => item.Value));
        output.WriteLine($"{counts.Values.Sum()} packets: "
            + string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))
            + $"; agents were killed {_kills.Count} times, at the steps "
            + string.Join(", ", _kills.GroupBy(step => step).OrderBy(group => group.Key)
                .Select(group => $"{group.Key}")));
        Assert.All(outside.SourcesOf("a"), source =>
            Assert.Contains(source, new[] { EgressLab.FixedA, EgressLab.FixedA6 }));
        Assert.All(outside.SourcesOf("b"), source =>
            Assert.Contains(source, new[] { EgressLab.FixedB, EgressLab.FixedB6 }));
        Assert.All(outside.SourcesOf("stranger"), source => Assert.DoesNotContain(
            source, new[] { EgressLab.FixedA, EgressLab.FixedB, EgressLab.FixedA6, EgressLab.FixedB6 }));
        Assert.All(["a", "b", "stranger"], kind => Assert.NotEqual(0, counts.GetValueOrDefault(kind)));
        Assert.True(counts.Values.Sum() >= packets, $"only {counts.Values.Sum()} packets came");
        Assert.NotEmpty(_kills);
    }

    /// <summary>The fixed IPs move: as planned, or since a gateway is gone at once and returns later.</summary>
    private async Task MoveAsync(EgressLab lab, int[] gateways, bool isCrash)
    {
        var numbers = lab.Spaces.SelectMany(space => space.Addresses).Select(address => address.Number).ToList();
        var before = lab.Holders.GetValueOrDefault(numbers[0], gateways[0]);
        var next = gateways.First(gateway => gateway != before);
        if (isCrash)
        {
            lab.SetLink(before, isUp: false);
            await Task.Delay(Moment, TestContext.Current.CancellationToken);
        }

        numbers.ForEach(number => lab.Holders[number] = next);
        foreach (var number in lab.Hosts.Keys.Where(number => !isCrash || number != before))
        {
            await ApplyAsync(lab, number);
        }

        if (isCrash)
        {
            await Task.Delay(Moment, TestContext.Current.CancellationToken);
            lab.SetLink(before, isUp: true);
            await ApplyAsync(lab, before);
        }
    }

    private Task ApplyAsync(EgressLab lab, int node) => RunKilledAsync(lab.Hosts[node], () => lab.Apply(node));

    /// <summary>
    /// Does what an agent does, and kills it in between: every time one step later than before, so that there is no
    /// step at which it was not killed. Some time later the next one, which knows nothing, does it to its end.
    /// </summary>
    private async Task RunKilledAsync(LabHost host, Action work)
    {
        var step = 1 + (_turns++ / 2 % _mostSteps);
        host.Killing.Arm(step, after: _turns % 2 == 0);
        try
        {
            work();
        }
        catch (KilledException)
        {
            _kills.Add(step);
            await Task.Delay(Random.Shared.Next(50), TestContext.Current.CancellationToken);
            host.Forget();
            host.Killing.Arm(int.MaxValue, after: false);
            work();
            _mostSteps = Math.Max(_mostSteps, host.Killing.Steps);
        }
        finally
        {
            host.Killing.Disarm();
        }
    }

    private async Task UpdateAsync(EgressLab lab, int node, Tenant? before, Tenant tenant)
    {
        var host = lab.Hosts[node];
        if (before is not null)
        {
            EgressLab.Release(before.Pod);
        }

        if (tenant.Kind != "stranger")
        {
            lab.Admit(tenant.Pod, tenant.Kind);
        }

        await RunKilledAsync(host, () =>
        {
            host.EndInherited(lab.Facts(node), tenant.Pod.Addresses);
            lab.Apply(node);
        });
    }

    /// <summary>A pod that sends datagrams, pings and the beginning of a connection every moment.</summary>
    private sealed class Tenant(LabPod pod, string kind) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentBag<Task> _sending = [];

        public LabPod Pod => pod;

        public string Kind => kind;

        public async Task BeginBehindGateAsync(IPAddress expected)
        {
            try
            {
                while (!_stop.IsCancellationRequested)
                {
                    if (await OutsideWorld.AskGateAsync(pod, Moment) == expected.ToString())
                    {
                        Begin();
                        return;
                    }
                }
            }
            catch (Exception e) when (e is IOException or Win32Exception)
            {
                // The pod is gone already.
            }
        }

        public void Begin()
        {
            foreach (var target in new[] { EgressLab.Outside, EgressLab.Outside6 })
            {
                var is4 = target.AddressFamily == AddressFamily.InterNetwork;
                var text = Encoding.UTF8.GetBytes(kind);
                try
                {
                    var (udp, icmp) = pod.Namespace.Run(() => (
                        new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp),
                        new Socket(target.AddressFamily, SocketType.Raw, OutsideWorld.Icmp(target))));
                    udp.Bind(new IPEndPoint(pod.AddressFor(target), SourcePort));
                    icmp.Bind(new IPEndPoint(pod.AddressFor(target), 0));
                    _sending.Add(SendAsync(udp, text, new IPEndPoint(target, OutsideWorld.Port)));
                    _sending.Add(SendAsync(
                        icmp, OutsideWorld.EchoRequest(is4, SourcePort, kind), new IPEndPoint(target, 0)));
                    _sending.Add(ConnectAsync(target));
                }
                catch (Exception e) when (e is IOException or Win32Exception)
                {
                    // The pod is gone already.
                }
            }
        }

        public void Dispose() => _stop.Dispose();

        public async Task EndAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_sending);
        }

        private async Task SendAsync(Socket socket, byte[] packet, IPEndPoint target)
        {
            using (socket)
            {
                while (!_stop.IsCancellationRequested)
                {
                    try
                    {
                        for (var i = 0; i < Burst; i++)
                        {
                            socket.SendTo(packet, target);
                        }
                    }
                    catch (SocketException)
                    {
                        // Refused at once.
                    }

                    await Task.Delay(Spacing, CancellationToken.None);
                }
            }
        }

        private async Task ConnectAsync(IPAddress target)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await OutsideWorld.AskTcpAsync(pod, kind, target, Moment, SourcePort);
                }
                catch (Exception e) when (e is IOException or Win32Exception)
                {
                    // The port is in use for a while, or the pod is gone.
                }

                await Task.Delay(Spacing, CancellationToken.None);
            }
        }
    }
}
