using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynospace.Testing.Networks;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// Dynos that come and go quickly with few addresses and always the same source ports, so that each inherits what
/// conntrack knows of the one before, while the rules are flushed and the fixed IPs move between gateways. The agent
/// is late both times, as it is when the API server is slow.
/// </summary>
public sealed class EgressLeakTests(ITestOutputHelper output)
{
    private const int Addresses = 5;
    private const int SourcePort = 33_333;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(1);

    [Theory]
    [InlineData(60, new[] { 10 }, new[] { 11, 12 })]
    [InlineData(30, new[] { 10, 11 }, new[] { 11, 12 })]
    public async Task No_packet_leaves_with_another_source(int dynos, int[] nodes, int[] gateways)
    {
        NetworkNamespace.Require();
        using var lab = new EgressLab(nodes, gateways);
        using var outside = new OutsideWorld(lab.OutsideHost.Namespace);
        lab.Apply();
        lab.OpenGates();
        var living = new Dictionary<(int Node, int Index), Tenant>();
        var ended = new List<Task>();
        for (var i = 0; i < dynos; i++)
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
            Update(lab, place.Node, before, tenant);
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
                lab.Apply(place.Node);
            }

            if (i % 8 == 7)
            {
                foreach (var number in lab.Facts(place.Node).Ways.Keys)
                {
                    lab.Holders[number] = gateways[i / 8 % gateways.Length];
                }

                lab.Apply();
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
        output.WriteLine($"{counts.Values.Sum()} packets of {dynos} pods: "
            + string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}")));
        Assert.All(["a", "b", "stranger"], kind => Assert.NotEqual(0, counts.GetValueOrDefault(kind)));
        Assert.All(outside.SourcesOf("a"), source =>
            Assert.Contains(source, new[] { EgressLab.FixedA, EgressLab.FixedA6 }));
        Assert.All(outside.SourcesOf("b"), source =>
            Assert.Contains(source, new[] { EgressLab.FixedB, EgressLab.FixedB6 }));
        Assert.All(outside.SourcesOf("stranger"), source => Assert.DoesNotContain(
            source, new[] { EgressLab.FixedA, EgressLab.FixedB, EgressLab.FixedA6, EgressLab.FixedB6 }));
    }

    private static void Update(EgressLab lab, int node, Tenant? before, Tenant tenant)
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

        host.EndInherited(lab.Facts(node), tenant.Pod.Addresses);
        lab.Apply(node);
    }

    /// <summary>A pod that sends a datagram, a ping and the beginning of a connection every moment.</summary>
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
                        await socket.SendToAsync(packet, target, CancellationToken.None);
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
