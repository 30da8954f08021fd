using System.Collections.Immutable;
using System.Net;
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

    [Fact]
    public void A_heartbeat_is_read_as_it_was_written_and_nothing_else_is()
    {
        var sent = new Heartbeat(250, [1, 8, 249], [.. Enumerable.Range(1, 1000)]);

        var read = Heartbeat.Decode(sent.Encode())!;

        Assert.Equal((250, true), (read.Node, read.Hears.SetEquals(sent.Hears)));
        Assert.Equal(Heartbeat.MostClaims, read.Claims.Count);
        Assert.True(sent.Encode().Length <= 1400);
        Assert.Null(Heartbeat.Decode(new byte[100]));
        Assert.Null(Heartbeat.Decode(sent.Encode().AsSpan(0, 20)));
    }

    private sealed class Cluster(int[] nodes, int[] gateways)
    {
        public const int Number = 7;

        private readonly Dictionary<int, Failover> _running = nodes.ToDictionary(
            node => node, node => new Failover(node, Times, TimeSpan.Zero, []));

        private readonly Dictionary<int, FailoverDecision> _decided = [];
        private readonly HashSet<(int From, int To)> _cut = [];
        private TimeSpan _now = TimeSpan.Zero;
        private TimeSpan _changedAt = TimeSpan.Zero;

        public ImmutableArray<int> Gateways { get; set; } = [.. gateways];

        public bool IsApiReached { get; set; } = true;

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
                var message = failover.Message(_now);
                foreach (var (receiver, other) in _running)
                {
                    if (receiver != sender && !_cut.Contains((sender, receiver)))
                    {
                        other.Hear(message, _now);
                    }
                }
            }
        }

        private void Decide()
        {
            var before = Holders;
            var address = new FixedAddress(IPAddress.Parse("203.0.113.10"), Number) { Gateways = Gateways };
            foreach (var (node, failover) in _running)
            {
                _decided[node] = failover.Decide([address], nodes, () => IsApiReached, _now);
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
