using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Processes;
using Dynospace.Benchmarks.Reports;
using Dynospace.Benchmarks.Servers;
using Spectre.Console;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>
/// What a dyno costs the operator when there are many, and what its restart costs then: <c>scale</c> builds formations
/// of rising size, each with an operator of its own.
/// </summary>
internal sealed class Scale(BenchmarkOptions options, IReadOnlyList<int> sizes)
{
    private const int DynosPerApp = 100;

    /// <summary>Cost per dyno at the largest size, as a multiple of that at the smallest.</summary>
    private const double FlatnessAim = 1.3;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly IAnsiConsole _progress =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static Command Command()
    {
        var sizes = new Option<int[]>("--sizes")
        {
            Description = $"Numbers of dynos to build, in Apps of {DynosPerApp} at most.",
            DefaultValueFactory = _ => [1_000, 3_000, 10_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("scale", "Measures the operator's cost per dyno at several sizes, and its restart.")
        {
            sizes,
        };
        command.SetAction(
            (parsed, token) => new Scale(new BenchmarkOptions(), parsed.GetValue(sizes)!).RunAsync(token));
        return command;
    }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        var costs = new List<double>();
        foreach (var size in sizes.Order())
        {
            costs.Add(await MeasureAsync(size, figures, cancellationToken));
        }

        var flatness = costs[^1] / costs[0];
        figures.Add(new(
            "cost per dyno at the largest size, of that at the smallest",
            Text($"{flatness:0.00}"),
            Text($"at most {FlatnessAim:0.0}"),
            flatness <= FlatnessAim));
        ConsoleReport.Write(AnsiConsole.Console, "Cost per dyno, and a restart of the operator", figures);
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private void Tell(string progress) => _progress.MarkupLineInterpolated($"[grey]  {progress}[/]");

    private async Task<double> MeasureAsync(int dynos, List<Figure> figures, CancellationToken cancellationToken)
    {
        var sized = options with { Apps = Math.Max(1, dynos / DynosPerApp), Dynos = Math.Min(dynos, DynosPerApp) };
        await using var server = await DevClusterProcess.StartAsync(cancellationToken);
        using var cluster = new Cluster(server.KubeconfigFile);
        await cluster.DefineAsync(cancellationToken);
        await using var spaces =
            await Watch.StartAsync(cluster, Cluster.Spaces, Benchmark.IsReady, Tell, cancellationToken);
        await using var pods =
            await Watch.StartAsync(cluster, Cluster.Pods, Benchmark.IsReady, Tell, cancellationToken);
        var formation = new Formation(server, cluster, spaces, pods, sized);

        double cost;
        await using (var running =
            await OperatorProcess.StartAsync(server.KubeconfigFile, server.RunsPods, cancellationToken))
        {
            // A process that has worked before: what the first Apps cost to compile is no cost of a dyno.
            var warm = new Formation(server, cluster, spaces, pods, sized with { Apps = 20, Dynos = 50 });
            await warm.BuildAsync("warm", running, cancellationToken);
            await QuietAsync(running, cancellationToken);
            var before = await running.MetricsAsync(cancellationToken);
            _progress.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{sized.Total:N0} dynos in one space");
            var run = await formation.BuildAsync("scale", running, cancellationToken);
            await QuietAsync(running, cancellationToken);
            var after = await running.MetricsAsync(cancellationToken);
            cost = (after.ProcessorTime - before.ProcessorTime).TotalMilliseconds / sized.Total;
            figures.Add(new(
                $"{sized.Total:N0} dynos in one space, until all pods exist",
                Text($"{run.Duration.TotalSeconds:0.0} s")));
            figures.Add(new("  processor time of the operator per dyno, until all is quiet", Text($"{cost:0.00} ms")));
            figures.Add(
                new("  writes per dyno", Text($"{(after.WriteCount - before.WriteCount) / (double)sized.Total:0.0}")));
        }

        await RestartAsync(server, figures, cancellationToken);
        return cost;
    }

    private static async Task RestartAsync(
        DevClusterProcess server, List<Figure> figures, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await using var running =
            await OperatorProcess.StartAsync(server.KubeconfigFile, server.RunsPods, cancellationToken);
        while ((await running.MetricsAsync(cancellationToken)).Reconciles == 0)
        {
            await Task.Delay(Poll, cancellationToken);
        }

        var first = Stopwatch.GetElapsedTime(start);
        await QuietAsync(running, cancellationToken);
        var page = await running.MetricsAsync(cancellationToken);
        figures.Add(new("  restart: until the first reconcile", Text($"{first.TotalSeconds:0.0} s")));
        figures.Add(new("  restart: requests, of which writes", Text($"{page.RequestCount:N0}, {page.WriteCount:N0}")));
        figures.Add(
            new("  restart: processor time until all is quiet", Text($"{page.ProcessorTime.TotalSeconds:0.0} s")));
        figures.Add(new("  restart: memory of the process", Text($"{page.ResidentBytes / 1_000_000:0} MB")));
    }

    /// <summary>Waits until the operator has reconciled nothing for a while.</summary>
    private static async Task QuietAsync(OperatorProcess running, CancellationToken cancellationToken)
    {
        for (var (before, now) = (-1, 0); before != now;)
        {
            before = now;
            await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
            now = (await running.MetricsAsync(cancellationToken)).Reconciles;
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
