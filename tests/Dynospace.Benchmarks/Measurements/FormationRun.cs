using Dynospace.Benchmarks.Processes;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>How one formation came to be.</summary>
/// <param name="Duration">From the first App sent to the last pod seen.</param>
/// <param name="Writes">The operator's writes until then, and the Apps.</param>
/// <param name="ProcessorTime">Of the operator.</param>
/// <param name="Others">What server and benchmark used meanwhile.</param>
/// <param name="Before">The operator when the first App was sent.</param>
/// <param name="ServerBefore">What the server had used then; null where it is not ours to see.</param>
/// <param name="Mix">What the operator wrote: how many of each verb and kind.</param>
internal sealed record FormationRun(
    TimeSpan Duration,
    int Writes,
    TimeSpan ProcessorTime,
    ProcessorUse Others,
    MetricsPage Before,
    TimeSpan? ServerBefore,
    IReadOnlyDictionary<string, int> Mix)
{
    public string MixText =>
        string.Join(", ", Mix.OrderByDescending(write => write.Value).Select(write => $"{write.Value} {write.Key}"));
}
