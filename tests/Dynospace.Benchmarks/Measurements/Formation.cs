using System.Diagnostics;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Processes;
using Dynospace.Benchmarks.Servers;
using Dynospace.Runtime;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>A space with its apps, from the first request until the last pod exists.</summary>
internal sealed class Formation(
    IBenchmarkServer server, Cluster cluster, Watch spaces, Watch pods, BenchmarkOptions options)
{
    public static string Name(int app) => $"app-{app}";

    /// <summary>Makes a space, waits until it is ready, and times its apps.</summary>
    public async Task<FormationRun> BuildAsync(
        string space, OperatorProcess running, CancellationToken cancellationToken)
    {
        await cluster.CreateAsync(Objects.Space(space), Cluster.Spaces, cancellationToken);
        await spaces.UntilPassingAsync(key => key.Name == space, 1, cancellationToken);
        var before = await running.MetricsAsync(cancellationToken);
        var others = ProcessorUse.Now(server);
        var start = Stopwatch.GetTimestamp();
        await Cluster.ParallelAsync(
            options.Apps,
            options.Parallelism,
            (i, token) => cluster.CreateAsync(Objects.App(space, Name(i), options.Dynos), Cluster.Apps, token),
            cancellationToken);
        var end = await pods.UntilPresentAsync(space, options.Total, cancellationToken);
        var after = await running.MetricsAsync(cancellationToken);
        return new FormationRun(
            Stopwatch.GetElapsedTime(start, end),
            after.WriteCount - before.WriteCount + options.Apps,
            after.ProcessorTime - before.ProcessorTime,
            ProcessorUse.Now(server).Since(others),
            MixOf(before.Writes, after.Writes));
    }

    private static Dictionary<string, int> MixOf(
        IReadOnlyDictionary<string, int> before, IReadOnlyDictionary<string, int> after) =>
        after.Select(write => (write.Key, Count: write.Value - before.GetValueOrDefault(write.Key)))
            .Where(write => write.Count > 0)
            .ToDictionary(write => write.Key, write => write.Count);

    /// <summary>Takes a space away again, and waits until its pods are gone.</summary>
    /// <param name="isCollected">Whether somebody collects pods whose dynos are gone.</param>
    public async Task RemoveAsync(string space, bool isCollected, CancellationToken cancellationToken)
    {
        await cluster.Transport.DeleteAsync(Cluster.Spaces, ObjectKey.ClusterScoped(space), new(), cancellationToken);
        if (!isCollected)
        {
            await cluster.DeletePodsAsync(space, cancellationToken);
        }

        await pods.UntilPresentAsync(space, 0, cancellationToken);
    }
}
