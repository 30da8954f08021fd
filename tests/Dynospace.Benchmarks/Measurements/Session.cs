using System.Globalization;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Processes;
using Dynospace.Benchmarks.Reports;
using Dynospace.Benchmarks.Servers;
using Spectre.Console;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>The measurements, one after the other on one server.</summary>
internal sealed class Session(
    IBenchmarkServer server, Cluster cluster, Watch spaces, Watch pods, BenchmarkOptions options, IAnsiConsole progress)
{
    private const double RatioAim = 0.8;
    private const double BytesAim = 10_000;
    private static readonly TimeSpan ReactionAim = TimeSpan.FromMilliseconds(100);

    private readonly Formation _formation = new(server, cluster, spaces, pods, options);
    private readonly RawLoad _raw = new(server, cluster, pods, options);

    /// <summary>
    /// Operator and raw client in turn, so that whatever else the machine does meets both; the best of each counts. The
    /// operator has built one formation before the one that is timed, as one that has run for a while has; it is gone
    /// while the raw client writes.
    /// </summary>
    public async Task<IReadOnlyList<Figure>> ThroughputAsync(CancellationToken cancellationToken)
    {
        var (built, sent) = (new List<FormationRun>(), new List<RawRun>());
        for (var round = 1; round <= options.Rounds; round++)
        {
            var run = await BuildAsync(round, cancellationToken);
            var raw = await _raw.SendAsync($"raw-{round}", run.Mix, cancellationToken);
            progress.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"round {round}: {run.Duration.TotalSeconds:0.00} s for {run.Writes} writes of the operator, {raw.Duration.TotalSeconds:0.00} s for {raw.Writes} raw ones of the same kinds");
            progress.MarkupLineInterpolated($"[grey]  {run.MixText}[/]");
            progress.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"[grey]  processors: operator {run.ProcessorTime.TotalSeconds:0.00} s, {run.Others}; raw: {raw.Others}[/]");
            built.Add(run);
            sent.Add(raw);
        }

        var best = built.MinBy(run => run.Duration)!;
        var (byOperator, byClient) =
            (built.Max(run => Rate(run.Writes, run.Duration)), sent.Max(raw => Rate(raw.Writes, raw.Duration)));
        var ratio = byOperator / byClient;
        return
        [
            new($"{options.Apps} Apps applied until {options.Total:N0} pods exist", Text(
                $"{best.Duration.TotalSeconds:0.00} s")),
            new("of the rate of raw writes of the same kinds", Text(
                $"{ratio:0.00}"), Text($"at least {RatioAim:0.0}"), ratio >= RatioAim),
            new("writes of the operator until then", Text($"{best.Writes:N0}, {byOperator:N0} a second")),
            new("raw writes", Text($"{byClient:N0} a second")),
            new("processor time of the operator", Text($"{best.ProcessorTime.TotalSeconds:0.00} s")),
        ];
    }

    /// <summary>
    /// One operator from an empty cluster on: what it holds, what it does when there is nothing to do, and how fast it
    /// reacts.
    /// </summary>
    public async Task<IReadOnlyList<Figure>> LifeAsync(CancellationToken cancellationToken)
    {
        const string space = "life";
        await using var running =
            await OperatorProcess.StartAsync(server, cancellationToken);
        var empty = await running.HeldBytesAsync(cancellationToken);
        await _formation.BuildAsync(space, running, cancellationToken);
        await SettleAsync(space, running, cancellationToken);
        var perDyno = (await running.HeldBytesAsync(cancellationToken) - empty) / options.Total;

        progress.MarkupLineInterpolated(
            CultureInfo.InvariantCulture, $"steady state for {options.Steady.TotalSeconds:0} s");
        var before = await running.MetricsAsync(cancellationToken);
        await Task.Delay(options.Steady, cancellationToken);
        var after = await running.MetricsAsync(cancellationToken);
        var (writes, busy) =
            ((after.WriteCount - before.WriteCount) / options.Steady.TotalMinutes,
                (after.ProcessorTime - before.ProcessorTime) / options.Steady.TotalMinutes);

        progress.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{options.Changes} quantity changes");
        var reactions = await new Reaction(cluster, pods, options).MeasureAsync(space, cancellationToken);
        var (median, slow) = (Percentile.Of(reactions, 50), Percentile.Of(reactions, 99));
        return
        [
            new("quantity changed until the pod exists, median", Text($"{median.TotalMilliseconds:0.0} ms")),
            new("the same, 99th percentile", Text($"{slow.TotalMilliseconds:0.0} ms"), options.IsReal
                ? null
                : Text($"below {ReactionAim.TotalMilliseconds:0} ms"), options.IsReal || slow < ReactionAim),
            new($"writes a minute with {options.Total:N0} dynos and no change", Text(
                $"{writes:0.#}"), "0", writes == 0),
            new("processor time a minute", Text($"{busy.TotalMilliseconds:0} ms")),
            new("memory held for each dyno, its share of App, release and Services included", Text(
                $"{perDyno / 1000:0.0} kB"), Text($"below {BytesAim / 1000:0} kB"), perDyno < BytesAim),
            new("memory of the whole process", Text($"{after.ResidentBytes / 1_000_000:0} MB")),
        ];
    }

    private async Task<FormationRun> BuildAsync(int round, CancellationToken cancellationToken)
    {
        await using var running =
            await OperatorProcess.StartAsync(server, cancellationToken);
        await _formation.BuildAsync($"warm-{round}", running, cancellationToken);
        await SettleAsync($"warm-{round}", running, cancellationToken);
        await _formation.RemoveAsync($"warm-{round}", server.HasControllers, cancellationToken);
        await QuietAsync(running, cancellationToken);

        var run = await _formation.BuildAsync($"timed-{round}", running, cancellationToken);
        await SettleAsync($"timed-{round}", running, cancellationToken);
        await _raw.LearnAsync($"timed-{round}", cancellationToken);
        await _formation.RemoveAsync($"timed-{round}", server.HasControllers, cancellationToken);
        await QuietAsync(running, cancellationToken);
        return run;
    }

    private async Task SettleAsync(string space, OperatorProcess running, CancellationToken cancellationToken)
    {
        if (server.RunsPods)
        {
            await pods.UntilPassingAsync(key => key.Namespace == space, options.Total, cancellationToken);
        }

        await QuietAsync(running, cancellationToken);
    }

    private static Task QuietAsync(OperatorProcess running, CancellationToken cancellationToken) =>
        running.UntilQuietAsync(page => page.WriteCount, "writes", cancellationToken);

    private static double Rate(int writes, TimeSpan duration) => writes / duration.TotalSeconds;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
