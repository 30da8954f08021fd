using System.Globalization;

namespace Dynospace.Benchmarks.Processes;

/// <summary>What a <c>/metrics</c> page says, sample by sample.</summary>
internal sealed class MetricsPage(string text)
{
    private static readonly string[] Reads = ["verb=\"list\"", "verb=\"watch\"", "verb=\"get\""];

    private readonly IReadOnlyList<(string Name, double Value)> _samples =
    [
        .. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse),
    ];

    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Value("process_cpu_seconds_total"));

    public double ResidentBytes => Value("process_working_set_bytes");

    public double ManagedBytes => Value("dotnet_total_memory_bytes");

    public double FullCollections => Value("dotnet_collection_count_total{generation=\"2\"}");

    /// <summary>Requests that wrote, by verb and kind.</summary>
    public IReadOnlyDictionary<string, int> Writes => _samples
        .Where(sample => sample.Name.Contains("api_requests", StringComparison.Ordinal)
            && !Reads.Any(read => sample.Name.Contains(read, StringComparison.Ordinal)))
        .GroupBy(sample => $"{Label(sample.Name, "verb")} {Label(sample.Name, "kind")}")
        .ToDictionary(group => group.Key, group => (int)group.Sum(sample => sample.Value));

    /// <summary>Requests of all verbs.</summary>
    public int RequestCount => SumOf("api_requests");

    /// <summary>Reconciles that ended.</summary>
    public int Reconciles => SumOf("runtime_reconciles");

    public int WriteCount => Writes.Values.Sum();

    private int SumOf(string name) =>
        (int)_samples.Where(sample => sample.Name.Contains(name, StringComparison.Ordinal)).Sum(sample => sample.Value);

    private double Value(string name) => _samples.First(sample => sample.Name == name).Value;

    private static string Label(string sample, string name)
    {
        var start = sample.IndexOf($"{name}=\"", StringComparison.Ordinal) + name.Length + 2;
        return sample[start..sample.IndexOf('"', start)];
    }

    private static (string Name, double Value) Parse(string line)
    {
        // A sample may end with a time stamp or an exemplar, which come after the first blank behind the labels.
        var end = line.IndexOf('}', StringComparison.Ordinal) is >= 0 and var brace
            ? brace + 1
            : line.IndexOf(' ', StringComparison.Ordinal);
        return (line[..end], double.Parse(
            line[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));
    }
}
