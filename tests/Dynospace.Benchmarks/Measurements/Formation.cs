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
    public Task<FormationRun> BuildAsync(string space, OperatorProcess running, CancellationToken cancellationToken) =>
        BuildAsync([space], running, cancellationToken);

    /// <summary>Makes spaces, waits until they are ready, and times their apps, which are spread evenly.</summary>
    public async Task<FormationRun> BuildAsync(
        IReadOnlyList<string> names, OperatorProcess running, CancellationToken cancellationToken)
    {
        await Cluster.ParallelAsync(
            names.Count,
            options.Parallelism,
            (i, token) => cluster.CreateAsync(Objects.Space(names[i]), Cluster.Spaces, token),
            cancellationToken);
        var asked = names.ToHashSet(StringComparer.Ordinal);
        await spaces.UntilPassingAsync(key => asked.Contains(key.Name), names.Count, cancellationToken);
        await running.UntilQuietAsync(page => page.Reconciles, "reconciles", cancellationToken);
        var before = await running.MetricsAsync(cancellationToken);
        var others = ProcessorUse.Now(server);
        var start = Stopwatch.GetTimestamp();
        await Cluster.ParallelAsync(
            options.Apps,
            options.Parallelism,
            (i, token) => cluster.CreateAsync(
                Objects.App(names[i % names.Count], Name(i), options.Dynos), Cluster.Apps, token),
            cancellationToken);
        var end = start;
        for (var i = 0; i < names.Count; i++)
        {
            var apps = (options.Apps / names.Count) + (i < options.Apps % names.Count ? 1 : 0);
            end = await pods.UntilPresentAsync(names[i], apps * options.Dynos, cancellationToken);
        }

        var after = await running.MetricsAsync(cancellationToken);
        return new FormationRun(
            Stopwatch.GetElapsedTime(start, end),
            after.WriteCount - before.WriteCount + options.Apps,
            after.ProcessorTime - before.ProcessorTime,
            ProcessorUse.Now(server).Since(others),
            before,
            others.Server,
            MixOf(before.Writes, after.Writes));
    }

    private static Dictionary<string, int> MixOf(
        IReadOnlyDictionary<string, int> before, IReadOnlyDictionary<string, int> after) =>
        after.Select(write => (write.Key, Count: write.Value - before.GetValueOrDefault(write.Key)))
            .Where(write => write.Count > 0)
            .ToDictionary(write => write.Key, write => write.Count);

    /// <summary>Takes a space away again, and waits until its pods are gone.</summary>
    /// <param name="isCollected">Whether the cluster collects pods whose dynos are gone.</param>
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
