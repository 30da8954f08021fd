using System.Diagnostics;
using Dynospace.Benchmarks.Load;
using Dynospace.Runtime;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>
/// From the moment a quantity's change is sent to the moment a watch tells of the new pod, one change after the other.
/// </summary>
internal sealed class Reaction(Cluster cluster, Watch pods, BenchmarkOptions options)
{
    public async Task<IReadOnlyList<TimeSpan>> MeasureAsync(string space, CancellationToken cancellationToken)
    {
        var reactions = new List<TimeSpan>(options.Changes);
        for (var i = 0; i < options.Changes; i++)
        {
            var (app, quantity) = (Formation.Name(i % options.Apps), options.Dynos + (i / options.Apps) + 1);
            var start = Stopwatch.GetTimestamp();
            await cluster.SetQuantityAsync(new ObjectKey(space, app), quantity, cancellationToken);
            var end = await pods.UntilAddedAsync(space, $"{app}-{Objects.ProcessType}-{quantity}-", cancellationToken);
            reactions.Add(Stopwatch.GetElapsedTime(start, end));
        }

        return reactions;
    }
}
