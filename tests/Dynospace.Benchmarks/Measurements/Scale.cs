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
/// What a dyno costs the operator and the dev cluster when there are many, and what a restart of the operator costs
/// then: <c>scale</c> builds formations of rising size, each with an operator and a dev cluster of its own.
/// </summary>
internal sealed class Scale(BenchmarkOptions options, IReadOnlyList<int> sizes, int spaceCount)
{
    private const int MostDynosPerApp = 100;

    /// <summary>Cost per dyno at the largest size, as a multiple of that at the smallest.</summary>
    private const double FlatnessAim = 1.3;

    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly IAnsiConsole _progress =
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public static Command Command()
    {
        var sizes = new Option<int[]>("--sizes")
        {
            Description = $"Numbers of dynos to build, in Apps of {MostDynosPerApp} at most.",
            DefaultValueFactory = _ => [1_000, 3_000, 10_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var spaces = BenchmarkCommand.Number("--spaces", "How many Spaces the Apps are spread over.", 1);
        var command = new Command("scale", "Measures the cost per dyno at several sizes, and a restart.")
        {
            sizes,
            spaces,
        };
        command.SetAction((parsed, token) => new Scale(
            new BenchmarkOptions(), parsed.GetValue(sizes)!, parsed.GetValue(spaces)).RunAsync(token));
        return command;
    }

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        var costs = new List<Cost>();
        foreach (var size in sizes.Order())
        {
            costs.Add(await MeasureAsync(size, figures, cancellationToken));
        }

        figures.Add(Flatness("operator", costs[^1].Operator / costs[0].Operator));
        figures.Add(Flatness("dev cluster", costs[^1].Server / costs[0].Server));
        ConsoleReport.Write(AnsiConsole.Console, "Cost per dyno, and a restart of the operator", figures);
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private static Figure Flatness(string of, double ratio) => new(
        $"{of}: cost per dyno at the largest size, of that at the smallest",
        Text($"{ratio:0.00}"),
        Text($"at most {FlatnessAim:0.0}"),
        ratio <= FlatnessAim);

    private void Tell(string progress) => _progress.MarkupLineInterpolated($"[grey]  {progress}[/]");

    private async Task<Cost> MeasureAsync(int dynos, List<Figure> figures, CancellationToken cancellationToken)
    {
        // Apps have the same size for every number of dynos, so the cost of an App does not distort the comparison.
        var perApp = Math.Clamp(sizes.Min() / spaceCount, 1, MostDynosPerApp);
        var sized = options with { Apps = Math.Max(1, dynos / perApp), Dynos = perApp };
        var where = spaceCount == 1 ? "one space" : Text($"{spaceCount:N0} spaces");
        string[] names =
            [.. Enumerable.Range(1, spaceCount).Select(i => string.Create(CultureInfo.InvariantCulture, $"scale-{i}"))];
        await using var server = await DevClusterProcess.StartAsync(cancellationToken);
        using var cluster = new Cluster(server.KubeconfigFile);
        await cluster.DefineAsync(cancellationToken);
        await using var spaces =
            await Watch.StartAsync(cluster, Cluster.Spaces, Benchmark.IsReady, Tell, cancellationToken);
        await using var pods =
            await Watch.StartAsync(cluster, Cluster.Pods, Benchmark.IsReady, Tell, cancellationToken);
        var formation = new Formation(server, cluster, spaces, pods, sized);

        Cost cost;
        await using (var running =
            await OperatorProcess.StartAsync(server, cancellationToken))
        {
            // Warm up first: compilation for the first Apps must not count as the cost of a dyno.
            var warm = new Formation(server, cluster, spaces, pods, sized with { Apps = 20, Dynos = 50 });
            await warm.BuildAsync("warm", running, cancellationToken);
            await QuietAsync(running, cancellationToken);
            _progress.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{sized.Total:N0} dynos in {where}");
            var run = await formation.BuildAsync(names, running, cancellationToken);
            await QuietAsync(running, cancellationToken);
            var after = await running.MetricsAsync(cancellationToken);
            cost = new(
                (after.ProcessorTime - run.Before.ProcessorTime).TotalMilliseconds / sized.Total,
                (server.ProcessorTime!.Value - run.ServerBefore!.Value).TotalMilliseconds / sized.Total);
            figures.Add(new(
                $"{sized.Total:N0} dynos in {where}, until all pods exist",
                Text($"{run.Duration.TotalSeconds:0.0} s")));
            figures.Add(new(
                "  processor time per dyno until all is quiet: operator, dev cluster",
                Text($"{cost.Operator:0.00} ms, {cost.Server:0.00} ms")));
            figures.Add(new(
                "  writes per dyno",
                Text($"{(after.WriteCount - run.Before.WriteCount) / (double)sized.Total:0.0}")));
            figures.Add(new(
                "  memory of the process: operator, dev cluster",
                Text($"{after.ResidentBytes / 1_000_000:0} MB, {server.ResidentBytes / 1_000_000:0} MB")));
        }

        await RestartAsync(server, figures, cancellationToken);
        return cost;
    }

    private static async Task RestartAsync(
        DevClusterProcess server, List<Figure> figures, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        await using var running =
            await OperatorProcess.StartAsync(server, cancellationToken);
        while ((await running.MetricsAsync(cancellationToken)).Reconciles == 0)
        {
            if (Stopwatch.GetElapsedTime(start) > LongestStart)
            {
                throw new TimeoutException(
                    $"After {LongestStart.TotalMinutes:0} minutes a new operator has reconciled nothing.");
            }

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

    private static Task QuietAsync(OperatorProcess running, CancellationToken cancellationToken) =>
        running.UntilQuietAsync(page => page.Reconciles, "reconciles", cancellationToken);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Milliseconds of processor per dyno.</summary>
    private readonly record struct Cost(double Operator, double Server);
}
