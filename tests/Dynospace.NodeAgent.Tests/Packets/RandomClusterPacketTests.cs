using System.Net;
using CsCheck;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Tests.Policies;
using Dynospace.Reachability;
using Dynospace.Reachability.Tests.Laws;
using Dynospace.Testing.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Packets;

/// <summary>
/// Real connections through the rules of random clusters, cell by cell, against the evaluator's verdict.
/// </summary>
public sealed class RandomClusterPacketTests
{
    /// <summary>Fixed, so that a cluster that fails can be tried again; the laws draw new ones in each run.</summary>
    private static readonly IReadOnlyList<RandomCluster> Clusters =
    [
        .. Enumerable.Range(0, 500).Select(seed => RandomCluster.Clusters.Generate(new PCG((uint)seed), null, out _))
            .Where(cluster => cluster.Pods.Length >= 5)
            .Select(cluster => ClusterOfOneNode.Scheduled(cluster, _ => "n1"))
            .Where(cluster => Cells(cluster).Average(cell => cell.Expected ? 1.0 : 0.0) is > 0.3 and < 0.8)
            .Take(10),
    ];

    public static TheoryData<int> Numbers => [.. Enumerable.Range(0, Clusters.Count)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public async Task A_connection_opens_where_the_evaluator_allows_it(int number)
    {
        NetworkNamespace.Require();
        var cluster = Clusters[number];
        var places = Places(cluster);
        using var node = new PacketNode([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("fd00::1")]);
        foreach (var pod in places.GroupBy(address => PlaceOf(cluster, address)))
        {
            node.Add([.. pod]);
        }

        using var kernel = EnforcedNode.OpenKernel(node);
        new Enforcer(kernel, ClusterOfOneNode.Index("n1", cluster.Objects), NullLogger.Instance).Apply();
        using var attempts = new Attempts(node);
        attempts.Listen(places, RandomCluster.AskedPorts);
        var cells = Cells(cluster);

        var wrong = await attempts.TryAsync(cells);

        TestContext.Current.SendDiagnosticMessage(
            $"{cells.Count} connections were tried, {cells.Count(cell => cell.Expected)} of them allowed");
        Assert.True(wrong.Count == 0, $"{string.Join('\n', wrong)}\n{cluster.Describe()}");
    }

    private static IReadOnlyList<IPAddress> Places(RandomCluster cluster) =>
    [
        .. ClusterOfOneNode.Addresses(cluster).Where(item => !(item.IsNode && item.Node == "n1"))
            .Select(item => item.Address),
    ];

    private static IReadOnlyList<Attempt> Cells(RandomCluster cluster)
    {
        var evaluator = ClusterOfOneNode.Evaluator(cluster.Objects);
        var places = Places(cluster);
        return
        [
            .. from source in places
               from target in places
               where source.AddressFamily == target.AddressFamily && !source.Equals(target)
               from port in RandomCluster.AskedPorts
               let verdict = evaluator.Evaluate(Endpoint.At(source), Endpoint.At(target), port)
               select new Attempt(source, target, port, verdict.Allowed),
        ];
    }

    /// <summary>A pod has one place for all of its addresses, everybody else one for each.</summary>
    private static string PlaceOf(RandomCluster cluster, IPAddress address) => cluster.Pods
        .FirstOrDefault(pod => pod.Spec.HostNetwork != true && pod.Status.Phase == "Running"
            && pod.Status.PodIPs.Any(ip => ip.Ip == address.ToString()))?.Metadata.Name ?? address.ToString();
}
