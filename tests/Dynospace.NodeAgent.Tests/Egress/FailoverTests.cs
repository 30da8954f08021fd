using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using Dynospace.NodeAgent.Egress;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>Nodes that decide by what they hear, with a clock and a network of the test's own.</summary>
public sealed class FailoverTests
{
    private static readonly FailoverTimes Times = new();
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void The_first_living_gateway_has_the_ip_and_the_next_takes_over_within_two_seconds()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        Assert.Equal([1], cluster.Holders);
        Assert.Equal(1, cluster.Way(3));

        cluster.Cut([1], [2, 3]);
        cluster.Run(TimeSpan.FromSeconds(2));

        Assert.Equal([2], cluster.Holders);
        Assert.Equal(2, cluster.Way(3));
        Assert.Equal(0, cluster.Overlaps);
    }

    [Fact]
    public void One_that_returns_gets_back_what_it_had_only_when_it_is_stable()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.Cut([1], [2, 3]);
        cluster.Run(TimeSpan.FromSeconds(5));
        cluster.Heal();

        cluster.Run(TimeSpan.FromSeconds(9));
        Assert.Equal([2], cluster.Holders);

        cluster.Run(TimeSpan.FromSeconds(3));
        Assert.Equal([1], cluster.Holders);
        // While the next one begins and the former forwards on.
        Assert.Equal(1, cluster.Way(3));
    }

    [Fact]
    public void One_that_comes_and_goes_keeps_nothing_moving()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        var moves = cluster.Moves;
        for (var i = 0; i < 10; i++)
        {
            cluster.Cut([1], [2, 3]);
            cluster.Run(TimeSpan.FromSeconds(3));
            cluster.Heal();
            cluster.Run(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(moves + 1, cluster.Moves);
    }

    [Fact]
    public void A_planned_move_has_the_next_one_begin_before_the_former_ends()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));

        cluster.Gateways = [2, 1];
        cluster.Run(TimeSpan.FromMilliseconds(1000));

        Assert.Equal([2], cluster.Holders);
        Assert.Equal([1, 2], cluster.Servers);
        Assert.Equal(2, cluster.Way(3));
        cluster.Run(TimeSpan.FromSeconds(3));
        Assert.Equal([2], cluster.Servers);
        Assert.False(cluster.WasUnserved);
    }

    [Fact]
    public void Gateways_that_only_do_not_hear_each_other_change_nothing()
    {
        var cluster = new Cluster([1, 2, 3, 4], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.Cut([1], [2]);

        cluster.Run(TimeSpan.FromSeconds(10));

        Assert.Equal([1], cluster.Holders);
    }

    /// <summary>Unread messages are not silence; after a longer time others have taken over.</summary>
    [Theory]
    [InlineData(500, true)]
    [InlineData(1000, true)]
    [InlineData(1300, false)]
    [InlineData(5000, false)]
    public void A_gateway_that_was_held_up_gives_up_only_when_others_may_have_taken_over(int held, bool keeps)
    {
        var address = new FixedIP(IPAddress.Parse("203.0.113.10"), Cluster.Number) { Gateways = [1, 2] };
        var failover = new Failover(1, Times, TimeSpan.Zero, []);
        var witness = new LabWitness("n1", new SharedLease(), () => true, () => TimeSpan.Zero);
        var now = TimeSpan.Zero;
        for (; now < TimeSpan.FromSeconds(5); now += Step)
        {
            new[] { 2, 3 }.ToList().ForEach(node => failover.Hear(new Heartbeat(node, [1], []), now));
            Decide();
        }

        now += TimeSpan.FromMilliseconds(held) - Step;

        Assert.Equal(keeps, Decide().Claimed.Contains(Cluster.Number));
        // What was sent meanwhile never comes: it was silence after all.
        now += Times.DeadAfter - Times.Interval;
        Assert.Empty(Decide().Claimed);

        FailoverDecision Decide() => failover.Decide([address], [1, 2, 3], witness, _ => true, now);
    }

    [Fact]
    public void Only_a_heartbeat_that_differs_or_ends_a_silence_is_new()
    {
        var failover = new Failover(1, Times, TimeSpan.Zero, []);
        var heartbeat = new Heartbeat(2, [1], [Cluster.Number]);
        var now = TimeSpan.Zero;

        Assert.True(failover.Hear(heartbeat, now));
        Assert.False(failover.Hear(heartbeat with { Claims = [Cluster.Number] }, now += Times.Interval));
        Assert.True(failover.Hear(heartbeat with { Claims = [] }, now += Times.Interval));
        Assert.True(failover.Hear(heartbeat with { Hears = [1, 3] }, now += Times.Interval));
        Assert.True(failover.Hear(heartbeat with { Hears = [1, 3] }, now += Times.SilentAfter + Step));
        Assert.True(failover.Hear(heartbeat with { Hears = [1, 3] }, now + Times.DeadAfter + Step));
        Assert.False(failover.Hear(heartbeat with { Node = 1 }, now));
    }

    [Fact]
    public void A_node_that_is_no_gateway_and_hears_gateways_only_is_not_cut_off()
    {
        var cluster = new Cluster([1, 2, 3, 4, 5, 6, 7], gateways: [1, 2]);
        cluster.Cut([3], [4, 5, 6, 7]);

        cluster.Run(TimeSpan.FromSeconds(5));

        Assert.False(cluster.IsFenced(3));
    }

    [Fact]
    public void Whoever_is_heard_by_nobody_gives_up_though_it_hears_all()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.CutOneWay([1], [2, 3]);

        cluster.Run(TimeSpan.FromSeconds(3));

        Assert.Equal([2], cluster.Holders);
        Assert.Equal(0, cluster.Overlaps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_only_gateway_goes_on_alone_as_long_as_it_reaches_the_api_server(bool isApiReached)
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1]) { IsApiReached = true };
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.IsApiReached = isApiReached;
        cluster.Cut([1], [2, 3]);

        cluster.Run(TimeSpan.FromSeconds(3));

        Assert.Equal(isApiReached ? [1] : [], cluster.Holders);
    }

    [Fact]
    public void An_agent_that_is_started_again_goes_on_with_what_the_kernel_forwards()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));

        cluster.Restart(1, kept: [Cluster.Number]);
        cluster.Run(TimeSpan.FromSeconds(15));

        Assert.Equal([1], cluster.Holders);
        Assert.False(cluster.WasUnserved);
        Assert.Equal(1, cluster.Way(3));
    }

    [Fact]
    public void One_whose_agent_was_away_gives_up_what_another_has_now()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.Stop(1);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal([2], cluster.Holders);

        cluster.Restart(1, kept: [Cluster.Number]);
        cluster.Run(TimeSpan.FromSeconds(4));

        Assert.Equal([2], cluster.Holders);
    }

    /// <summary>In whatever way a network falls apart, cleanly, no two gateways have an IP.</summary>
    [Fact]
    public void No_partition_gives_an_ip_to_two()
    {
        var random = new Random(4711);
        for (var round = 0; round < 200; round++)
        {
            var nodes = Enumerable.Range(1, random.Next(3, 8)).ToArray();
            var gateways = nodes.OrderBy(_ => random.Next()).Take(random.Next(2, nodes.Length + 1)).ToArray();
            var cluster = new Cluster(nodes, gateways) { IsApiReached = false };
            cluster.Run(TimeSpan.FromSeconds(3));
            for (var i = 0; i < 4; i++)
            {
                var side = nodes.Where(_ => random.Next(2) == 0).ToArray();
                cluster.Cut(side, [.. nodes.Except(side)]);
                cluster.Run(TimeSpan.FromMilliseconds(random.Next(200, 6_000)));
                cluster.Heal();
                cluster.Run(TimeSpan.FromMilliseconds(random.Next(4_000, 15_000)));
            }

            cluster.Run(TimeSpan.FromSeconds(15));
            Assert.Equal(0, cluster.Overlaps);
            Assert.Single(cluster.Holders);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(650)]
    [InlineData(16_383)]
    public void A_heartbeat_fits_into_the_tunnel_and_is_read_as_it_was_written(int claims)
    {
        var all = Enumerable.Range(1, claims).ToImmutableHashSet();
        var read = new HashSet<int>();
        foreach (var part in Enumerable.Range(0, 2))
        {
            var sent = new Heartbeat(250, [1, 8, 249], [.. all.Where(number => Heartbeat.PartOf(number) == part)])
            {
                Part = part,
                HasTieBreak = part == 1,
                IsNative = part == 0,
                Macs = [PhysicalAddress.Parse("02-42-00-00-00-01"), PhysicalAddress.Parse("02-42-00-00-00-02")],
            };

            var bytes = sent.Encode();
            var got = Heartbeat.Decode(bytes)!;

            Assert.Equal(
                (250, part, part == 1, part == 0, true),
                (got.Node, got.Part, got.HasTieBreak, got.IsNative, got.Hears.SetEquals(sent.Hears)));
            Assert.Equal(sent.Macs, got.Macs);
            Assert.True(bytes.Length <= 1200);
            read.UnionWith(got.Claims);
        }

        Assert.True(all.SetEquals(read));
    }

    [Fact]
    public void What_is_no_heartbeat_is_not_read()
    {
        var bytes = new Heartbeat(7, [1], [1]).Encode();

        Assert.Null(Heartbeat.Decode(new byte[100]));
        Assert.Null(Heartbeat.Decode(bytes.AsSpan(0, 20)));
        Assert.Null(Heartbeat.Decode([.. bytes, .. new byte[1024]]));
        // It says that there are more hardware addresses than it has room for.
        Assert.Null(Heartbeat.Decode([.. bytes.AsSpan(0, 7), 8, .. bytes.AsSpan(8)]));
    }

    /// <summary>
    /// A node that claims IPs of both parts says so in two packets, and neither takes the other's back.
    /// </summary>
    [Fact]
    public void A_part_of_a_heartbeat_says_nothing_of_the_numbers_of_the_other()
    {
        FixedIP[] addresses = [.. new[] { 5, 9000 }.Select(number => new FixedIP(
            new IPAddress([203, 0, 113, (byte)number]), number) { Gateways = [1, 2] })];
        var (sender, receiver) = (new Failover(1, Times, TimeSpan.Zero, []), new Failover(2, Times, TimeSpan.Zero, []));
        var witness = new LabWitness("n1", new SharedLease(), () => true, () => TimeSpan.Zero);
        FailoverDecision? decision = null;
        for (var now = TimeSpan.Zero; now < TimeSpan.FromSeconds(5); now += Times.Interval)
        {
            foreach (var (from, to) in new[] { (sender, receiver), (receiver, sender) })
            {
                from.Messages(now).ToList().ForEach(message => to.Hear(message, now));
            }

            sender.Decide(addresses, [1, 2], witness, _ => true, now);
            decision = receiver.Decide(addresses, [1, 2], witness, _ => true, now);
        }

        Assert.Equal(2, sender.Messages(TimeSpan.Zero).Count());
        Assert.Equal([1, 1], decision!.Ways.Values);
        Assert.Empty(decision.Claimed);
    }

    /// <summary>
    /// Exactly half of the nodes on each side. The side with the Lease goes on: the one that has the IP, if it reaches
    /// the API server.
    /// </summary>
    [Theory]
    // Two nodes lose only the way between them.
    [InlineData(2, new[] { 1 }, "", 1)]
    // The former gateway is cut off from the API server too.
    [InlineData(2, new[] { 1 }, "1", 2)]
    [InlineData(2, new[] { 1 }, "2", 1)]
    [InlineData(2, new[] { 1 }, "1 2", 0)]
    [InlineData(4, new[] { 1, 2 }, "", 1)]
    [InlineData(4, new[] { 1, 3 }, "", 1)]
    // One of a half is enough to hold the Lease for all of it.
    [InlineData(4, new[] { 1, 3 }, "1", 1)]
    [InlineData(4, new[] { 1, 3 }, "1 3", 2)]
    [InlineData(6, new[] { 1, 5, 6 }, "1 5 6", 2)]
    [InlineData(6, new[] { 4, 5, 6 }, "1 2 3", 4)]
    public void Of_two_halves_one_has_the_ip(int count, int[] side, string withoutApi, int expected)
    {
        var nodes = Enumerable.Range(1, count).ToArray();
        var cluster = new Cluster(nodes, gateways: nodes);
        cluster.Run(TimeSpan.FromSeconds(15));
        Assert.Equal(0, cluster.Lease.Writes);
        cluster.WithoutApi.UnionWith(withoutApi.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));

        cluster.Cut(side, [.. nodes.Except(side)]);
        cluster.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(expected == 0 ? [] : [expected], cluster.Holders);
        cluster.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(expected == 0 ? [] : [expected], cluster.Holders);
        Assert.Equal(0, cluster.Overlaps);

        cluster.Heal();
        cluster.Run(TimeSpan.FromSeconds(20));
        Assert.Equal([1], cluster.Holders);
        Assert.Null(cluster.Lease.Holder);
    }

    [Fact]
    public void The_other_half_takes_over_when_the_holder_of_the_lease_has_lost_the_api_server()
    {
        var cluster = new Cluster([1, 2], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));
        cluster.Cut([1], [2]);
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Equal([1], cluster.Holders);
        Assert.Equal("n1", cluster.Lease.Holder);

        cluster.WithoutApi.Add(1);
        cluster.Run(TimeSpan.FromSeconds(20));

        Assert.Equal([2], cluster.Holders);
        Assert.Equal(0, cluster.Overlaps);
    }

    [Fact]
    public void The_survivor_of_two_nodes_takes_over_within_two_seconds()
    {
        var cluster = new Cluster([1, 2], gateways: [1, 2]);
        cluster.Run(TimeSpan.FromSeconds(15));

        cluster.Stop(1);
        cluster.Run(TimeSpan.FromSeconds(2));

        Assert.Equal([2], cluster.Holders);
    }

    [Fact]
    public void An_ip_that_a_foreign_machine_has_is_taken_only_when_that_is_gone()
    {
        var cluster = new Cluster([1, 2, 3], gateways: [1, 2]) { IsFree = false };
        cluster.Run(TimeSpan.FromSeconds(5));
        Assert.Empty(cluster.Holders);

        cluster.IsFree = true;
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([1], cluster.Holders);

        // What it has it keeps.
        cluster.IsFree = false;
        cluster.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([1], cluster.Holders);
    }

    /// <summary>
    /// In whatever way a network falls into halves, or an API server is lost, no two gateways have an IP.
    /// </summary>
    [Fact]
    public void No_half_has_an_ip_that_the_other_has()
    {
        var random = new Random(4712);
        for (var round = 0; round < 200; round++)
        {
            var nodes = Enumerable.Range(1, 2 * random.Next(1, 4)).ToArray();
            var cluster = new Cluster(nodes, nodes);
            cluster.Run(TimeSpan.FromSeconds(3));
            for (var i = 0; i < 4; i++)
            {
                var side = nodes.OrderBy(_ => random.Next()).Take(nodes.Length / 2).ToArray();
                cluster.Cut(side, [.. nodes.Except(side)]);
                for (var j = 0; j < 3; j++)
                {
                    cluster.Run(TimeSpan.FromMilliseconds(random.Next(200, 6_000)));
                    cluster.WithoutApi.Clear();
                    cluster.WithoutApi.UnionWith(nodes.Where(_ => random.Next(3) == 0));
                }

                cluster.WithoutApi.Clear();
                cluster.Heal();
                cluster.Run(TimeSpan.FromMilliseconds(random.Next(200, 15_000)));
            }

            cluster.Run(TimeSpan.FromSeconds(15));
            Assert.Equal(0, cluster.Overlaps);
            Assert.Single(cluster.Holders);
        }
    }

    private sealed class Cluster(int[] nodes, int[] gateways)
    {
        public const int Number = 7;

        private readonly Dictionary<int, Failover> _running = nodes.ToDictionary(
            node => node, node => new Failover(node, Times, TimeSpan.Zero, []));

        private readonly Dictionary<int, FailoverDecision> _decided = [];
        private readonly Dictionary<int, LabWitness> _witnesses = [];
        private readonly HashSet<(int From, int To)> _cut = [];
        private TimeSpan _now = TimeSpan.Zero;
        private TimeSpan _changedAt = TimeSpan.Zero;

        public ImmutableArray<int> Gateways { get; set; } = [.. gateways];

        public bool IsApiReached { get; set; } = true;

        /// <summary>Those that do not reach the API server while others do.</summary>
        public HashSet<int> WithoutApi { get; } = [];

        /// <summary>Whether no foreign machine has the IP.</summary>
        public bool IsFree { get; set; } = true;

        public SharedLease Lease { get; } = new();

        public int[] Holders => [.. Living(decision => decision.Claimed)];

        public int[] Servers => [.. Living(decision => decision.Served)];

        /// <summary>How often two sides of a cut both had the IP.</summary>
        public int Overlaps { get; private set; }

        public int Moves { get; private set; }

        /// <summary>Whether at some time after the first holder nobody forwarded.</summary>
        public bool WasUnserved { get; private set; }

        public bool IsFenced(int node) => _decided[node].IsFenced;

        public int Way(int node) => _decided[node].Ways[Number];

        public void Cut(int[] some, int[] others)
        {
            CutOneWay(some, others);
            CutOneWay(others, some);
        }

        public void CutOneWay(int[] from, int[] to)
        {
            _cut.UnionWith(from.SelectMany(sender => to.Select(receiver => (sender, receiver))));
            _changedAt = _now;
        }

        public void Heal()
        {
            _cut.Clear();
            _changedAt = _now;
        }

        public void Stop(int node) => _running.Remove(node);

        public void Restart(int node, int[] kept) => _running[node] = new Failover(node, Times, _now, kept);

        public void Run(TimeSpan time)
        {
            for (var until = _now + time; _now < until; _now += Step)
            {
                if (_now.Ticks % Times.Interval.Ticks == 0)
                {
                    Exchange();
                }

                Decide();
            }
        }

        private void Exchange()
        {
            foreach (var (sender, failover) in _running)
            {
                foreach (var message in failover.Messages(_now).ToList())
                {
                    foreach (var (_, other) in _running.Where(
                        item => item.Key != sender && !_cut.Contains((sender, item.Key))))
                    {
                        other.Hear(message, _now);
                    }
                }
            }
        }

        private LabWitness Witness(int node)
        {
            if (!_witnesses.TryGetValue(node, out var witness))
            {
                _witnesses[node] = witness = new LabWitness(
                    $"n{node}", Lease, () => IsApiReached && !WithoutApi.Contains(node), () => _now);
            }

            return witness;
        }

        private void Decide()
        {
            var before = Holders;
            var address = new FixedIP(IPAddress.Parse("203.0.113.10"), Number) { Gateways = Gateways };
            foreach (var (node, failover) in _running)
            {
                _decided[node] = failover.Decide([address], nodes, Witness(node), _ => IsFree, _now);
                Witness(node).Serve();
            }

            var holders = Holders;
            Moves += holders.Except(before).Any() ? 1 : 0;
            WasUnserved |= before.Length > 0 && Servers.Length == 0;
            // A cut in the middle of a move finds two, of which one notices within the time of a takeover.
            Overlaps += holders.Length > 1 && _now - _changedAt >= Times.DeadAfter
                && holders.Any(one => holders.Any(other => _cut.Contains((one, other)))) ? 1 : 0;
        }

        private IEnumerable<int> Living(Func<FailoverDecision, ImmutableHashSet<int>> of) => _decided
            .Where(item => _running.ContainsKey(item.Key) && of(item.Value).Contains(Number))
            .Select(item => item.Key).Order();
    }
}
