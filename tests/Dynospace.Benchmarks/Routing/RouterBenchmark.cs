using System.CommandLine;
using System.Globalization;
using Dynospace.Benchmarks.Reports;
using Spectre.Console;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The router beside nginx and HAProxy: the same origin, the same load, in turn.</summary>
internal sealed class RouterBenchmark(TimeSpan duration, int rounds, TimeSpan churn, string only)
{
    private const double LatencyAim = 2;

    /// <summary>Until connections are open and a runtime has compiled what it runs; the same for all.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private readonly IAnsiConsole _progress =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static Command Command()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long each load lasts.",
            DefaultValueFactory = _ => 5,
        };
        var rounds = new Option<int>("--rounds")
        {
            Description = "Alternating rounds, of which the medians count; 0 for no comparison.",
            DefaultValueFactory = _ => 5,
        };
        var churn = new Option<double>("--churn")
        {
            Description = "Minutes of load while dynos come and go; 0 for none.",
            DefaultValueFactory = _ => 1,
        };
        var only = new Option<string>("--only")
        {
            Description = "Loads with this in their name.",
            DefaultValueFactory = _ => "",
        };
        var markdown = new Option<bool>("--markdown") { Description = "Print Markdown." };
        var command = new Command(
            "router", "Measures the router against nginx and HAProxy; needs these, wrk and h2load.")
        {
            seconds, rounds, churn, only, markdown,
        };
        command.SetAction(async (parsed, token) =>
        {
            var benchmark = new RouterBenchmark(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds),
                TimeSpan.FromMinutes(parsed.GetValue(churn)), parsed.GetValue(only)!);
            return await benchmark.RunAsync(parsed.GetValue(markdown), token);
        });
        return command;
    }

    private async Task<int> RunAsync(bool isMarkdown, CancellationToken cancellationToken)
    {
        using var place = new Workplace();
        ProxyCertificate.Write(place);
        await using var origin = await Origin.StartAsync(place, cancellationToken);
        await using var echo = new EchoOrigin();
        List<Figure> figures = [];
        foreach (
            var load in Load.All.Where(
                load => rounds > 0 && load.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            figures.AddRange(await CompareAsync(load, place, origin, echo, cancellationToken));
        }

        if (churn > TimeSpan.Zero)
        {
            figures.Add(await ChurnAsync(place, origin, echo, cancellationToken));
        }

        Report(figures, isMarkdown);
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private async Task<IEnumerable<Figure>> CompareAsync(
        Load load, Workplace place, Origin origin, EchoOrigin echo, CancellationToken cancellationToken)
    {
        Dictionary<string, List<LoadResult>> results = [];
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var start in Proxies(place, origin.Port, echo.Port))
            {
                await using var proxy = await start(cancellationToken);
                await load.RunAsync(proxy, place, WarmUp, cancellationToken);
                var result = await load.RunAsync(proxy, place, duration, cancellationToken);
                _progress.MarkupLineInterpolated(
                    CultureInfo.InvariantCulture,
                    $"{load.Name}, round {round}: {proxy.Name} {result.Rate:0} a second, p99 {result.Slow.TotalMilliseconds:0.0} ms, {result.ProcessorTime.TotalMicroseconds:0.0} µs, {result.Errors} errors");
                results.TryAdd(proxy.Name, []);
                results[proxy.Name].Add(result);
            }
        }

        return Figures(load, results);
    }

    private static Func<CancellationToken, Task<IProxy>>[] Proxies(Workplace place, int origin, int echo) =>
    [
        async token => await RouterProxy.StartAsync(place, origin, echo, token),
        async token => await NginxProxy.StartAsync(place, origin, echo, token),
        async token => await HaProxy.StartAsync(place, origin, echo, token),
    ];

    private static IEnumerable<Figure> Figures(Load load, Dictionary<string, List<LoadResult>> results)
    {
        var medians = results.ToDictionary(result => result.Key, result => LoadResult.MedianOf(result.Value));
        foreach (var (name, result) in medians)
        {
            yield return new($"{load.Name}: {name}", Text(
                $"{result.Rate:N0} a second, p50 {result.Median.TotalMilliseconds:0.0} ms, p99 {result.Slow.TotalMilliseconds:0.0} ms, {result.ProcessorTime.TotalMicroseconds:0} µs of processor a request, {result.ResidentBytes / 1_000_000} MB"));
        }

        var (router, nginx) = (medians["Dynospace router"], medians["nginx"]);
        var rate = router.Rate / nginx.Rate;
        var rounds = results["Dynospace router"].Zip(results["nginx"]).ToList();
        var fast = rounds.Count(round => round.First.Slow <= LatencyAim * round.Second.Slow);
        yield return new(
            $"{load.Name}: of nginx's rate", Text($"{rate:0.00}"), Text(
                $"at least {load.RateAim:0.00}"), rate >= load.RateAim);
        yield return new(
            $"{load.Name}: of nginx's p99",
            Text($"{router.Slow / nginx.Slow:0.00}; {fast} of {rounds.Count} rounds within {LatencyAim:0}"),
            Text($"at most {LatencyAim:0} in four rounds of five"),
            fast * 5 >= rounds.Count * 4);
        yield return new($"{load.Name}: errors", Text($"{router.Errors}"), "0", router.Errors == 0);
    }

    private async Task<Figure> ChurnAsync(
        Workplace place, Origin origin, EchoOrigin echo, CancellationToken cancellationToken)
    {
        await using var router = await RouterProxy.StartAsync(place, origin.Port, echo.Port, cancellationToken);
        await using var churning = new Churn(router, place, origin);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = churning.RunAsync(stop.Token);
        var result = await Wrk.RunAsync(router, Load.All[0], place, churn, cancellationToken);
        await stop.CancelAsync();
        await running;
        foreach (var line in router.ErrorLines().Take(5))
        {
            _progress.MarkupLineInterpolated($"[red]{line}[/]");
        }

        return new(
            Text(
                $"errors of {result.Requests:N0} requests in {churn.TotalMinutes:0.#} minutes while {churning.Changes} dynos came or went"),
            Text($"{result.Errors}"),
            "0",
            result.Errors == 0);
    }

    private static void Report(IReadOnlyList<Figure> figures, bool isMarkdown)
    {
        var title = Text(
            $"The router beside nginx and HAProxy; {Environment.ProcessorCount} processors, shared with load and origin");
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
