using System.Diagnostics;
using Dynospace.Api;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Servers;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s;
using k8s.Models;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>The same number of writes, sent by the plain client with nothing to decide: pods like those of dynos.</summary>
internal sealed class RawLoad(IBenchmarkServer server, Cluster cluster, Watch pods, BenchmarkOptions options)
{
    private V1Pod? _example;

    /// <summary>Takes a dyno's pod as the pattern.</summary>
    public async Task LearnAsync(string space, CancellationToken cancellationToken)
    {
        using var page = await cluster.Transport.ListAsync(
            Cluster.Pods, new ListQuery { Namespace = space, LabelSelector = Labels.Dyno, Limit = 1 }, cancellationToken);
        _example = JsonObjects.To<V1Pod>(page.Items.First());
    }

    public async Task<RawRun> SendAsync(string ns, int writes, CancellationToken cancellationToken)
    {
        await cluster.CreateAsync(Objects.Namespace(ns), ResourceKind.For<V1Namespace>(), cancellationToken);
        var made = Enumerable.Range(0, writes).Select(i => Objects.RawPod(_example!, ns, i)).ToArray();
        var others = ProcessorUse.Now(server);
        var start = Stopwatch.GetTimestamp();
        await Cluster.ParallelAsync(
            writes,
            options.Parallelism,
            (i, token) => cluster.Client.CoreV1.CreateNamespacedPodAsync(made[i], ns, cancellationToken: token),
            cancellationToken);
        var duration = Stopwatch.GetElapsedTime(start);
        var use = ProcessorUse.Now(server).Since(others);
        await pods.UntilPresentAsync(ns, writes, cancellationToken);
        await cluster.DeletePodsAsync(ns, cancellationToken);
        await pods.UntilPresentAsync(ns, 0, cancellationToken);
        return new RawRun(duration, writes, use);
    }
}
