using System.Diagnostics;
using System.Globalization;
using Dynospace.Api.Egress;
using Dynospace.NodeAgent.Egress;
using Dynospace.Planning.Egress;
using Dynospace.Planning.Options;

namespace Dynospace.NodeAgent.Tests.Egress;

/// <summary>
/// The most nodes that the tunnel supports, and 400 addresses: twice as many of both must not cost four times as much.
/// </summary>
public sealed class EgressScaleTests(ITestOutputHelper output)
{
    private const int NodesOfAddress = 30;
    private const double AtMost = 2.8;

    [Theory]
    [InlineData(EgressAddressMode.Announced)]
    [InlineData(EgressAddressMode.Present)]
    public void The_operators_plan_and_the_agents_decision_grow_with_the_cluster(EgressAddressMode mode)
    {
        // What runs for the first time allocates more.
        Measure(mode, nodes: 20, spaces: 5);
        var half = Measure(mode, nodes: 125, spaces: 50);
        var whole = Measure(mode, nodes: 250, spaces: 100);

        foreach (var (what, bytes) in whole)
        {
            output.WriteLine($"{mode}, {what}: {bytes / 1000} kB, of the half {half[what] / 1000} kB");
            Assert.InRange((double)bytes / half[what], 0, AtMost);
        }
    }

    private Dictionary<string, long> Measure(EgressAddressMode mode, int nodes, int spaces)
    {
        var options = new PlatformOptions { Egress = new() { Addresses = mode } };
        var observed = Observed(nodes, spaces);
        var costs = new Dictionary<string, long>(StringComparer.Ordinal);
        List<EgressGateway> gateways = [];
        EgressCluster cluster = null!;
        Cost("first plan", Plan);
        Cost("the same plan again", Plan);
        Cost("the agent reads it", () => cluster = EgressObjects.Read("node-000", gateways, [], null, out _));
        Cost("the agent's rules and routes", () =>
        {
            var facts = new EgressFacts
            {
                Own = cluster.Own!.Value,
                Nodes = cluster.Nodes,
                Spaces = cluster.Spaces,
            };
            var plan = EgressKernelPlanner.Plan(facts);
            Assert.NotEmpty(EgressKernelPlanner.Routes(plan, device: 3));
        });
        return costs;

        void Plan() => gateways =
        [
            .. EgressPlanner.Plan(observed with { Gateways = gateways }, options).Select(item => item.Gateway),
        ];

        void Cost(string what, Action action)
        {
            var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
            action();
            costs[what] = GC.GetAllocatedBytesForCurrentThread() - before;
            output.WriteLine($"{mode}, {nodes} nodes, {spaces * 4} addresses, {what}: {clock.ElapsedMilliseconds} ms");
        }
    }

    /// <summary>Spaces with four addresses each, whose dynos are on thirty nodes; twenty nodes are gateways.</summary>
    private static ObservedEgress Observed(int nodes, int spaces)
    {
        var names = Enumerable.Range(0, nodes)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"node-{i:000}")).ToArray();
        return new()
        {
            Nodes =
            [
                .. names.Select((name, i) => new NodeFacts(name)
                {
                    InternalAddresses = [$"10.0.0.{i + 1}"],
                    OwnAddresses = [$"10.0.0.{i + 1}"],
                    PresentAddresses = [$"10.0.0.{i + 1}", .. i == 0 ? Addresses(spaces * 4) : []],
                    IsGateway = i < 20,
                    Report = new NodeEgress(),
                }),
            ],
            Spaces =
            [
                .. Enumerable.Range(0, spaces).Select(space => new EgressSpace($"space-{space}", $"uid-{space}")
                {
                    Grants =
                    [
                        .. Own(space).Select((address, i) =>
                            new EgressGrant(address, $"space-{space}", (space * 4) + i + 1)),
                    ],
                    Nodes = Own(space).ToDictionary(
                        address => address,
                        IReadOnlySet<string> (_) => Enumerable.Range(0, NodesOfAddress)
                            .Select(i => names[((space * 7) + (i * 3)) % nodes]).ToHashSet()),
                }),
            ],
        };

        IEnumerable<string> Own(int space) => Addresses(spaces * 4).Skip(space * 4).Take(4);

        static IEnumerable<string> Addresses(int count) =>
            Enumerable.Range(0, count).Select(i => $"203.0.{113 + (i / 200)}.{(i % 200) + 1}");
    }
}
