using System.CommandLine;
using System.Globalization;
using Dynospace.Benchmarks.Reports;
using Spectre.Console;

namespace Dynospace.Benchmarks.Routing;

/// <summary>The router beside nginx and HAProxy: the same origin, the same load, in turn.</summary>
internal sealed class RouterBenchmark(TimeSpan duration, int rounds, TimeSpan churn, string only)
{
    /// <summary>Until connections are open and a runtime has compiled what it runs; the same for all.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private static readonly string Title =
        Text($"The router beside nginx and HAProxy; {Environment.ProcessorCount} processors, with load and origin");

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
        var markdown = new Option<bool>("--markdown") { Description = "Print the table of the README as well, in Markdown." };
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
        List<Comparison> loads = [];
        foreach (
            var load in Load.All.Where(
                load => rounds > 0 && load.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            loads.Add(await CompareAsync(load, place, origin, echo, cancellationToken));
        }

        List<Figure> figures = [.. loads.SelectMany(load => load.Figures())];
        if (churn > TimeSpan.Zero)
        {
            figures.Add(await ChurnAsync(place, origin, echo, cancellationToken));
        }

        ConsoleReport.Write(AnsiConsole.Console, Title, figures);
        if (isMarkdown && loads.Count > 0)
        {
            Console.WriteLine(Comparison.Markdown(loads));
        }

        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private async Task<Comparison> CompareAsync(
        Load load, Workplace place, Origin origin, EchoOrigin echo, CancellationToken cancellationToken)
    {
        var comparison = new Comparison(load);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var start in Proxies(place, origin.Port, echo.Port))
            {
                await using var proxy = await start(cancellationToken);
                await load.RunAsync(proxy, place, WarmUp, cancellationToken);
                var result = await load.RunAsync(proxy, place, duration, cancellationToken);
                _progress.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{load.Name}, round {round}: {proxy.Name} {result.Rate:0} a second, "
                    + $"p99 {result.Slow.TotalMilliseconds:0.0} ms, "
                    + $"{result.ProcessorTime.TotalMicroseconds:0.0} µs, {result.Errors} errors"));
                comparison.Add(proxy.Name, result);
            }
        }

        return comparison;
    }

    private static Func<CancellationToken, Task<IProxy>>[] Proxies(Workplace place, int origin, int echo) =>
    [
        async token => await RouterProxy.StartAsync(place, origin, echo, token),
        async token => await NginxProxy.StartAsync(place, origin, echo, token),
        async token => await HaProxy.StartAsync(place, origin, echo, token),
    ];

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

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
