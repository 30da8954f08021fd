using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Reports;
using Dynospace.NodeAgent.Egress;
using Dynospace.NodeAgent.Tests.Egress;

namespace Dynospace.Benchmarks.Egress;

/// <summary>
/// A dyno's way to the outside beside plain ways with as many machines: VXLAN to the gateway and forwarding by it,
/// without any rule, and VXLAN as every cluster has it: the node tracks connections, masquerades pods and checks the
/// reverse path. In turn, ten times; medians.
/// </summary>
internal static class PathComparison
{
    private const int Rounds = 10;
    private const int Exchanges = 2000;
    private const int Port = 9100;
    private const int Neighbours = 110;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    public static IReadOnlyList<Figure> Measure()
    {
        using var lab = new EgressLab([10], [11]);
        lab.Apply();
        using var plain = new EgressLab([10], [11]);
        using var tracked = new EgressLab([10], [11]);
        using var crowded = new EgressLab([10], [11]);
        using var trackedForwarding = new EgressLab([10], [11]);
        using var native = new EgressLab([10], [11], isNative: true);
        native.Apply();
        AddNeighbours(crowded);
        crowded.Apply();
        Path[] paths =
        [
            new("fixed IP", lab, lab.AddDyno(10, 2, "a")),
            new("plain VXLAN", plain, AddPlain(plain, 2, isTunnel: true)),
            new("plain forwarding", plain, AddPlain(plain, 3, isTunnel: false)),
            new("tracked VXLAN", tracked, AddTracked(tracked, 2, isTunnel: true)),
            new("fixed IP without the tunnel", native, native.AddDyno(10, 2, "a")),
            new("tracked forwarding", trackedForwarding, AddTracked(trackedForwarding, 2, isTunnel: false)),
            new("fixed IP on a full node", crowded, crowded.AddDyno(10, 2, "a")),
        ];
        foreach (var path in paths)
        {
            _ = RoundTrip(path);
        }

        for (var round = 0; round < Rounds; round++)
        {
            foreach (var path in paths)
            {
                path.Latencies.Add(RoundTrip(path));
            }

            foreach (var path in paths.Take(6))
            {
                path.Up.Add(Throughput(path, isUp: true));
                path.Down.Add(Throughput(path, isUp: false));
            }
        }

        var (fixedIP, tunnel, forwarding, masquerading) = (paths[0], paths[1], paths[2], paths[3]);
        var (direct, forwardingTracked) = (paths[4], paths[5]);
        var added = Median(fixedIP.Latencies) - Median(tunnel.Latencies);
        var own = Median(fixedIP.Latencies) - Median(masquerading.Latencies);
        return
        [
            new("round trip: fixed IP / plain VXLAN / plain forwarding",
                string.Join(" / ", paths.Take(3).Select(path => Microseconds(Median(path.Latencies))))),
            new("latency added to plain VXLAN, a round trip", Microseconds(added), "3 µs",
                added <= TimeSpan.FromMicroseconds(3)),
            new("round trip: VXLAN with connection tracking, masquerade and reverse path check",
                Microseconds(Median(masquerading.Latencies))),
            new("latency added to that, a round trip", Microseconds(own), "3 µs",
                own <= TimeSpan.FromMicroseconds(3)),
            new($"round trip by a fixed IP on a node with {Neighbours} other dynos, each with an ip rule",
                Microseconds(Median(paths[6].Latencies))),
            Compare("up", path => Median(path.Up)), Compare("down", path => Median(path.Down)),
            CompareTracked("up", path => Median(path.Up)), CompareTracked("down", path => Median(path.Down)),
            new("round trip: fixed IP without the tunnel / tracked forwarding",
                string.Join(" / ", new[] { direct, forwardingTracked }
                    .Select(path => Microseconds(Median(path.Latencies))))),
            CompareDirect("up", path => Median(path.Up)), CompareDirect("down", path => Median(path.Down)),
        ];

        Figure CompareDirect(string direction, Func<Path, double> of)
        {
            var ratio = of(direct) / of(forwarding);
            return new(
                $"TCP {direction}, Gbit/s: fixed IP without the tunnel / tracked forwarding",
                string.Create(CultureInfo.InvariantCulture,
                    $"{of(direct):0.00} / {of(forwardingTracked):0.00} ({of(direct) / of(forwardingTracked):0.00} of "
                    + $"it, {ratio:0.00} of plain forwarding, {of(direct) / of(tunnel):0.00} of VXLAN)"),
                "0.95 of plain forwarding", ratio >= 0.95);
        }

        Figure CompareTracked(string direction, Func<Path, double> of)
        {
            var ratio = of(fixedIP) / of(masquerading);
            return new(
                $"TCP {direction}, Gbit/s: VXLAN with connection tracking, masquerade and reverse path check",
                string.Create(CultureInfo.InvariantCulture,
                    $"{of(masquerading):0.00} (the fixed IP has {ratio:0.00} of it)"),
                "0.95 of it", ratio >= 0.95);
        }

        Figure Compare(string direction, Func<Path, double> of)
        {
            var (toTunnel, toPlain) = (of(fixedIP) / of(tunnel), of(fixedIP) / of(forwarding));
            return new(
                $"TCP {direction}, Gbit/s: fixed IP / plain VXLAN / plain forwarding",
                string.Create(CultureInfo.InvariantCulture,
                    $"{of(fixedIP):0.00} / {of(tunnel):0.00} / {of(forwarding):0.00} ({toTunnel:0.00} of VXLAN, "
                    + $"{toPlain:0.00} of forwarding)"),
                "0.95 of plain VXLAN", toTunnel >= 0.95);
        }
    }

    private static void AddNeighbours(EgressLab lab)
    {
        var address = lab.Spaces[0].Addresses[0];
        lab.Hosts[10].Dynos.AddRange(Enumerable.Range(0, Neighbours).Select(i => new EgressDyno(
            10_000 + i, $"veth{i}", new IPAddress([10, 244, 16, (byte)(1 + i)]), lab.Spaces[0].Key, address.Number)));
    }

    /// <summary>
    /// A pod whose packets leave from an address of the node that the gateway routes back: with what every cluster's
    /// node does to a pod's packets, and nothing of ours.
    /// </summary>
    private static LabPod AddTracked(EgressLab lab, int index, bool isTunnel)
    {
        var pod = AddPlain(lab, index, isTunnel);
        var (node, gateway) = (lab.Hosts[10].Namespace, lab.Hosts[11].Namespace);
        var source = isTunnel ? "10.250.0.10" : "10.251.0.10";
        node.Nft($$"""
            table inet cni {
              chain post { type nat hook postrouting priority srcnat; policy accept;
                ip saddr 10.244.0.0/16 ip daddr != { 10.244.0.0/16 } counter snat ip to {{source}}
              }
            }
            """);
        foreach (var host in new[] { node, gateway })
        {
            foreach (var link in isTunnel ? new[] { "all", "eth0", "plain0" } : ["all", "eth0"])
            {
                host.Set($"ipv4/conf/{link}/rp_filter", link == "all" ? "0" : "2");
            }
        }

        // What the outside answers comes back through the gateway.
        lab.OutsideHost.Namespace.Ip($"route add {source}/32 via {LabHost.AddressOf(11)}");
        if (!isTunnel)
        {
            node.Ip($"address add {source}/32 dev lo");
            gateway.Ip($"route add {source}/32 via {LabHost.AddressOf(10)}");
        }

        return pod;
    }

    /// <summary>A pod whose packets go to the gateway and back without any rule of nftables.</summary>
    private static LabPod AddPlain(EgressLab lab, int index, bool isTunnel)
    {
        var (node, gateway, outside) = (lab.Hosts[10], lab.Hosts[11], lab.OutsideHost);
        var pod = node.AddPod(index);
        var address = pod.Addresses[0];
        foreach (var host in new[] { node, gateway })
        {
            host.Namespace.Nft("flush ruleset");
            host.Namespace.Set("ipv4/conf/all/rp_filter", "0");
            host.Namespace.Set("ipv4/conf/eth0/rp_filter", "0");
            host.Namespace.Set("ipv4/conf/all/send_redirects", "0");
            host.Namespace.Set("ipv4/conf/eth0/send_redirects", "0");
            if (isTunnel)
            {
                var other = LabHost.AddressOf(host == node ? 11 : 10);
                host.Namespace.IpBatch(
                [
                    $"link add plain0 type vxlan id 77 dstport 4789 local {LabHost.AddressOf(host.Number)} "
                        + $"remote {other}",
                    $"address add 10.250.0.{host.Number}/24 dev plain0",
                    "link set plain0 mtu 1450 up",
                ]);
                host.Namespace.Set("ipv4/conf/plain0/rp_filter", "0");
            }
        }

        node.Namespace.IpBatch(
        [
            $"rule add from {address} lookup {100 + index}",
            isTunnel
                ? $"route add default via 10.250.0.11 dev plain0 table {100 + index}"
                : $"route add default via {LabHost.AddressOf(11)} dev eth0 table {100 + index}",
        ]);
        gateway.Namespace.Ip(isTunnel
            ? $"route add {address}/32 via 10.250.0.10 dev plain0"
            : $"route add {address}/32 via {LabHost.AddressOf(10)} dev eth0");
        outside.Namespace.Ip($"route add {address}/32 via {LabHost.AddressOf(11)}");
        return pod;
    }

    private static TimeSpan RoundTrip(Path path)
    {
        using var echo = path.Lab.OutsideHost.Namespace.OpenUdp(EgressLab.Outside, Port);
        using var client = path.Pod.Namespace.OpenUdp(path.Pod.Addresses[0]);
        (echo.ReceiveTimeout, client.ReceiveTimeout) = (1000, 1000);
        client.Connect(EgressLab.Outside, Port);
        // One thread does both, so that no wake-up is measured.
        var (buffer, from) = (new byte[64], (EndPoint)new IPEndPoint(IPAddress.Any, 0));
        var times = new List<TimeSpan>(Exchanges);
        for (var i = 0; i < Exchanges; i++)
        {
            var began = Stopwatch.GetTimestamp();
            client.Send(buffer);
            echo.ReceiveFrom(buffer, ref from);
            echo.SendTo(buffer, from);
            client.Receive(buffer);
            times.Add(Stopwatch.GetElapsedTime(began));
        }

        return Percentile.Of(times, 50);
    }

    /// <returns>Gbit/s.</returns>
    private static double Throughput(Path path, bool isUp)
    {
        using var listener = path.Lab.OutsideHost.Namespace.OpenTcp(EgressLab.Outside);
        using var client = path.Pod.Namespace.OpenTcp(path.Pod.Addresses[0]);
        listener.Listen(1);
        client.Connect(listener.LocalEndPoint!);
        using var server = listener.Accept();
        var (sender, receiver) = isUp ? (client, server) : (server, client);
        var sending = new Thread(() =>
        {
            var bytes = new byte[128 * 1024];
            try
            {
                while (true)
                {
                    sender.Send(bytes);
                }
            }
            catch (SocketException)
            {
                // The receiver has closed the connection.
            }
        });
        sending.Start();
        var buffer = new byte[256 * 1024];
        Receive(Moment / 5);
        var clock = Stopwatch.StartNew();
        var bytes = Receive(Moment);
        var rate = bytes * 8 / clock.Elapsed.TotalSeconds / 1e9;
        receiver.LingerState = new LingerOption(true, 0);
        receiver.Close();
        sending.Join();
        return rate;

        long Receive(TimeSpan time)
        {
            var began = Stopwatch.GetTimestamp();
            var total = 0L;
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                total += receiver.Receive(buffer);
            }

            return total;
        }
    }

    private static TimeSpan Median(List<TimeSpan> times) => Percentile.Of(times, 50);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Microseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0.0} µs");

    private sealed record Path(string Name, EgressLab Lab, LabPod Pod)
    {
        public List<TimeSpan> Latencies { get; } = [];

        public List<double> Up { get; } = [];

        public List<double> Down { get; } = [];
    }
}
