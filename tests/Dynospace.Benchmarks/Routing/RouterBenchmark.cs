using System.CommandLine;
using System.Globalization;
using Dynospace.Benchmarks.Reports;
using Spectre.Console;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The router beside nginx and HAProxy: the same origin, the same load, in turn.</summary>
internal sealed class RouterBenchmark(TimeSpan duration, int rounds, TimeSpan churn)
{
    private const double RateAim = 0.7;
    private const double LatencyAim = 2;

    /// <summary>Until connections are open and a runtime has compiled what it runs; the same for all.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _progress = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static Command Command()
    {
        var seconds = new Option<int>("--seconds") { Description = "How long each load lasts.", DefaultValueFactory = _ => 10 };
        var rounds = new Option<int>("--rounds") { Description = "Alternating rounds; the best of each counts; 0 for no comparison.", DefaultValueFactory = _ => 3 };
        var churn = new Option<double>("--churn") { Description = "Minutes of load while dynos come and go; 0 for none.", DefaultValueFactory = _ => 1 };
        var markdown = new Option<bool>("--markdown") { Description = "Print Markdown." };
        var command = new Command("router", "Measures the router against nginx and HAProxy; needs these and wrk.") { seconds, rounds, churn, markdown };
        command.SetAction(async (parsed, token) =>
        {
            var benchmark = new RouterBenchmark(TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), TimeSpan.FromMinutes(parsed.GetValue(churn)));
            return await benchmark.RunAsync(parsed.GetValue(markdown), token);
        });
        return command;
    }

    private async Task<int> RunAsync(bool isMarkdown, CancellationToken cancellationToken)
    {
        using var place = new Workplace();
        await using var origin = await Origin.StartAsync(place, cancellationToken);
        List<Figure> figures = [];
        foreach (var load in rounds > 0 ? Load.All : [])
        {
            figures.AddRange(await CompareAsync(load, place, origin, cancellationToken));
        }

        if (churn > TimeSpan.Zero)
        {
            figures.Add(await ChurnAsync(place, origin, cancellationToken));
        }

        Report(figures, isMarkdown);
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private async Task<IEnumerable<Figure>> CompareAsync(Load load, Workplace place, Origin origin, CancellationToken cancellationToken)
    {
        Dictionary<string, LoadResult> best = [];
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var start in Proxies(place, origin))
            {
                await using var proxy = await start(cancellationToken);
                await Wrk.RunAsync(proxy, load, WarmUp, cancellationToken);
                var result = await Wrk.RunAsync(proxy, load, duration, cancellationToken);
                _progress.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{load.Name}, round {round}: {proxy.Name} {result.Rate:0} a second, p99 {result.Slow.TotalMilliseconds:0.0} ms, {result.Errors} errors");
                best[proxy.Name] = best.TryGetValue(proxy.Name, out var earlier) && earlier.Rate >= result.Rate ? earlier : result;
            }
        }

        return Figures(load, best);
    }

    private static Func<CancellationToken, Task<IProxy>>[] Proxies(Workplace place, Origin origin) =>
    [
        async token => await RouterProxy.StartAsync(place, origin.Port, token),
        async token => await NginxProxy.StartAsync(place, origin.Port, token),
        async token => await HaProxy.StartAsync(place, origin.Port, token),
    ];

    private static IEnumerable<Figure> Figures(Load load, Dictionary<string, LoadResult> results)
    {
        foreach (var (name, result) in results)
        {
            yield return new($"{load.Name}: {name}", Text(
                $"{result.Rate:N0} a second, p50 {result.Median.TotalMilliseconds:0.0} ms, p99 {result.Slow.TotalMilliseconds:0.0} ms, {result.ProcessorTime.TotalMicroseconds:0} µs of processor a request, {result.ResidentBytes / 1_000_000} MB"));
        }

        var (router, nginx) = (results["Dynospace router"], results["nginx"]);
        var (rate, latency) = (router.Rate / nginx.Rate, router.Slow / nginx.Slow);
        yield return new($"{load.Name}: of nginx's rate", Text($"{rate:0.00}"), Text($"at least {RateAim:0.0}"), rate >= RateAim);
        yield return new($"{load.Name}: of nginx's p99", Text($"{latency:0.00}"), Text($"at most {LatencyAim:0}"), latency <= LatencyAim);
        yield return new($"{load.Name}: errors", Text($"{router.Errors}"), "0", router.Errors == 0);
    }

    private async Task<Figure> ChurnAsync(Workplace place, Origin origin, CancellationToken cancellationToken)
    {
        await using var router = await RouterProxy.StartAsync(place, origin.Port, cancellationToken);
        await using var churning = new Churn(router, place, origin);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = churning.RunAsync(stop.Token);
        var result = await Wrk.RunAsync(router, Load.All[0], churn, cancellationToken);
        await stop.CancelAsync();
        await running;
        foreach (var line in router.ErrorLines().Take(5))
        {
            _progress.MarkupLineInterpolated($"[red]{line}[/]");
        }

        return new(
            Text($"errors of {result.Requests:N0} requests in {churn.TotalMinutes:0.#} minutes while {churning.Changes} dynos came or went"),
            Text($"{result.Errors}"),
            "0",
            result.Errors == 0);
    }

    private static void Report(IReadOnlyList<Figure> figures, bool isMarkdown)
    {
        var title = Text($"The router beside nginx and HAProxy; {Environment.ProcessorCount} processors, shared with load and origin");
        if (isMarkdown)
        {
            Console.WriteLine(MarkdownReport.Of(title, figures));
        }
        else
        {
            ConsoleReport.Write(AnsiConsole.Console, title, figures);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
