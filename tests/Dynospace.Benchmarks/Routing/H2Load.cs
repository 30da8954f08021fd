using System.Globalization;
using System.Text.RegularExpressions;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The load generator h2load of nghttp2, for HTTP/2.</summary>
internal static partial class H2Load
{
    private const int Streams = 16;

    /// <summary>
    /// h2load reports mean and spread, and only the slowest request beyond them, so that the percentile is of its log.
    /// </summary>
    public static async Task<LoadResult> RunAsync(
        IProxy proxy, Load load, TimeSpan duration, CancellationToken cancellationToken)
    {
        var log = Path.GetTempFileName();
        try
        {
            var before = proxy.ProcessorTime;
            await using var tool = Tool.Start(
                "h2load", "-t2", $"-c{load.Connections}", $"-m{Streams}", $"-D{duration.TotalSeconds:0}",
                $"--log-file={log}",
                "-H", $":authority: {RouterProxy.Host}", $"https://127.0.0.1:{proxy.TlsPort}{load.Path}");
            var report = await tool.OutputAsync(cancellationToken);
            var used = proxy.ProcessorTime - before;
            var latencies = await LatenciesAsync(log, cancellationToken);
            var counts = CountsLine().Match(report);
            var (done, failed) = (long.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture), latencies.Failed);
            return new LoadResult(
                done / duration.TotalSeconds,
                At(latencies.Times, 0.5),
                At(latencies.Times, 0.99),
                done,
                failed,
                used / Math.Max(done, 1),
                proxy.ResidentBytes);
        }
        finally
        {
            File.Delete(log);
        }
    }

    private static async Task<(List<long> Times, long Failed)> LatenciesAsync(
        string log, CancellationToken cancellationToken)
    {
        // Start, status and microseconds of each request.
        List<long> times = [];
        var failed = 0L;
        await foreach (var line in File.ReadLinesAsync(log, cancellationToken))
        {
            var fields = line.Split('\t');
            times.Add(long.Parse(fields[2], CultureInfo.InvariantCulture));
            failed += fields[1].StartsWith('2') ? 0 : 1;
        }

        times.Sort();
        return (times, failed);
    }

    private static TimeSpan At(List<long> times, double part) =>
        times.Count == 0 ? TimeSpan.Zero : TimeSpan.FromMicroseconds(times[(int)(times.Count * part)]);

    [GeneratedRegex(@"requests: \d+ total, \d+ started, (\d+) done")]
    private static partial Regex CountsLine();
}
