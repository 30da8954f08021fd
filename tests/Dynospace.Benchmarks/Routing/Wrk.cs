using System.Globalization;
using System.Text.RegularExpressions;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The load generator wrk, and its report.</summary>
internal static partial class Wrk
{
    private const string Post = """
        wrk.method = "POST"
        wrk.body = string.rep("x", 1000)
        wrk.headers["Content-Type"] = "text/plain"
        """;

    public static async Task<LoadResult> RunAsync(
        IProxy proxy, Load load, Workplace place, TimeSpan duration, CancellationToken cancellationToken)
    {
        var url = load.Kind == LoadKind.Tls
            ? $"https://127.0.0.1:{proxy.TlsPort}{load.Path}"
            : $"http://127.0.0.1:{proxy.Port}{load.Path}";
        string[] script = load.Kind == LoadKind.Post ? ["-s", place.Write("post.lua", Post)] : [];
        var before = proxy.ProcessorTime;
        await using var wrk = Tool.Start(
            "wrk",
            [
                "-t2", $"-c{load.Connections}", $"-d{duration.TotalSeconds:0}s", "--timeout", "10s", "--latency",
                "-H", $"Host: {RouterProxy.Host}", .. script, url,
            ]);
        var report = await wrk.OutputAsync(cancellationToken);
        var used = proxy.ProcessorTime - before;
        var requests = (long)Number(RequestsLine(), report);
        return new LoadResult(
            Number(RateLine(), report),
            Duration(MedianLine(), report),
            Duration(SlowLine(), report),
            requests,
            SocketErrors().Match(report).Groups.Values.Skip(1).Where(group => group.Success).Sum(
                group => long.Parse(group.Value, CultureInfo.InvariantCulture))
                + (
                    OtherAnswers().Match(report) is { Success: true } others
                        ? long.Parse(others.Groups[1].Value, CultureInfo.InvariantCulture)
                        : 0),
            used / Math.Max(requests, 1),
            proxy.ResidentBytes);
    }

    private static double Number(Regex line, string report) =>
        double.Parse(Match(line, report).Groups[1].Value, CultureInfo.InvariantCulture);

    private static TimeSpan Duration(Regex line, string report)
    {
        var match = Match(line, report);
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "us" => TimeSpan.FromMicroseconds(value),
            "ms" => TimeSpan.FromMilliseconds(value),
            "s" => TimeSpan.FromSeconds(value),
            _ => TimeSpan.FromMinutes(value),
        };
    }

    private static Match Match(Regex line, string report) =>
        line.Match(report) is { Success: true } match
            ? match
            : throw new InvalidOperationException($"wrk reported no {line}: {report}");

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex RequestsLine();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RateLine();

    [GeneratedRegex(@"50%\s+([\d.]+)(us|ms|s|m)")]
    private static partial Regex MedianLine();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s|m)")]
    private static partial Regex SlowLine();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex OtherAnswers();
}
