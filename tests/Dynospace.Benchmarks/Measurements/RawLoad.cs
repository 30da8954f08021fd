using System.Diagnostics;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Servers;
using Dynospace.Runtime;
using Dynospace.Runtime.Transport;
using k8s.Models;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>
/// The same writes, as many of each verb and kind, sent by the plain client with nothing to decide and nothing to wait
/// for.
/// </summary>
internal sealed class RawLoad(IBenchmarkServer server, Cluster cluster, Watch pods, BenchmarkOptions options)
{
    private RawMix? _mix;

    /// <summary>Takes the objects of a space as the pattern.</summary>
    public async Task LearnAsync(string space, CancellationToken cancellationToken) =>
        _mix = await RawMix.LearnAsync(cluster, space, cancellationToken);

    public async Task<RawRun> SendAsync(
        string ns, IReadOnlyDictionary<string, int> mix, CancellationToken cancellationToken)
    {
        var namespaces = ResourceKind.For<V1Namespace>();
        await cluster.CreateAsync(Objects.Namespace(ns), namespaces, cancellationToken);
        var (first, statuses) = _mix!.Writes(ns, mix, options.Apps);
        var others = ProcessorUse.Now(server);
        var start = Stopwatch.GetTimestamp();
        await SendAsync(first, cancellationToken);
        await SendAsync(statuses, cancellationToken);
        var duration = Stopwatch.GetElapsedTime(start);
        var use = ProcessorUse.Now(server).Since(others);
        var made = first.Count(write => write.Kind == Cluster.Pods);
        await pods.UntilPresentAsync(ns, made, cancellationToken);
        await cluster.DeletePodsAsync(ns, cancellationToken);
        await pods.UntilPresentAsync(ns, 0, cancellationToken);
        await cluster.Transport.DeleteAsync(
            namespaces, ObjectKey.ClusterScoped(ns), new DeleteQuery(), cancellationToken);
        return new RawRun(duration, first.Count + statuses.Count, use);
    }

    private Task SendAsync(IReadOnlyList<RawWrite> writes, CancellationToken cancellationToken) =>
        Cluster.ParallelAsync(
            writes.Count,
            options.Parallelism,
            (i, token) => writes[i].SendAsync(cluster.Client, token),
            cancellationToken);
}
