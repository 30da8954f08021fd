using System.Globalization;
using System.Text;
using Dynospace.Benchmarks.Reports;

namespace Dynospace.Benchmarks.Routing;

/// <summary>What the proxies did under one load, in rounds that took turns.</summary>
internal sealed class Comparison(Load load)
{
    private const string Router = "Dynospace router";
    private const string Nginx = "nginx";
    private const double LatencyAim = 2;

    private readonly Dictionary<string, List<LoadResult>> _rounds = [];

    /// <summary>How often the router's p99 may be beyond the aim: once in five rounds.</summary>
    private int Slow => Rounds.Count / 5;

    private List<(LoadResult Router, LoadResult Nginx)> Rounds => [.. _rounds[Router].Zip(_rounds[Nginx])];

    /// <summary>
    /// Of nginx's rate: the median of the rounds' ratios, since what else the machine does changes between rounds more
    /// than within one.
    /// </summary>
    private double Rate => Middle.Of(Rounds, round => round.Router.Rate / round.Nginx.Rate);

    private double Latency => Middle.Of(Rounds, round => round.Router.Slow / round.Nginx.Slow);

    private int Fast => Rounds.Count(round => round.Router.Slow <= LatencyAim * round.Nginx.Slow);

    public void Add(string proxy, LoadResult result)
    {
        _rounds.TryAdd(proxy, []);
        _rounds[proxy].Add(result);
    }

    public IEnumerable<Figure> Figures()
    {
        foreach (var proxy in _rounds.Keys)
        {
            yield return new($"{load.Name}: {proxy}", Cell(proxy));
        }

        yield return new(
            $"{load.Name}: of nginx's rate", Text($"{Rate:0.00}"), Text($"at least {load.RateAim:0.00}"),
            Rate >= load.RateAim);
        yield return new(
            $"{load.Name}: of nginx's p99",
            Text($"{Latency:0.00}; {Fast} of {Rounds.Count} rounds within {LatencyAim:0}"),
            Text($"at most {LatencyAim:0} in four rounds of five"),
            Rounds.Count - Fast <= Slow);
        var errors = _rounds[Router].Sum(round => round.Errors);
        yield return new($"{load.Name}: errors", Text($"{errors}"), "0", errors == 0);
    }

    /// <summary>The table of the README, a row for each load.</summary>
    public static string Markdown(IReadOnlyList<Comparison> loads)
    {
        var text = new StringBuilder()
            .Append("Requests a second, p99, processor time a request, memory: ")
            .AppendLine(Text($"medians of {loads[0].Rounds.Count} rounds in turn."))
            .AppendLine()
            .AppendLine("| | router | nginx | HAProxy | of nginx's rate | aim | of nginx's p99 | rounds within 2 |")
            .AppendLine("|---|---|---|---|---:|---:|---:|---:|");
        foreach (var row in loads)
        {
            text.Append(Text($"| {row.Name} | {row.Cell(Router)} | {row.Cell(Nginx)} | {row.Cell("HAProxy")} "))
                .Append(Text($"| {row.Rate:0.00} | {row.Aim:0.00} | {row.Latency:0.00} "))
                .AppendLine(Text($"| {row.Fast} of {row.Rounds.Count} |"));
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private string Name => load.Name;

    private double Aim => load.RateAim;

    private string Cell(string proxy)
    {
        var result = LoadResult.MedianOf(_rounds[proxy]);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Rate:N0}, {result.Slow.TotalMilliseconds:0.0} ms, "
            + $"{result.ProcessorTime.TotalMicroseconds:0} µs, {result.ResidentBytes / 1_000_000} MB");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
