using System.Globalization;
using System.Text.Json;
using Dynospace.Benchmarks.Load;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Reports;
using Dynospace.Benchmarks.Servers;
using Spectre.Console;

namespace Dynospace.Benchmarks;

/// <summary>One run: all measurements on one server, so that they belong together.</summary>
internal sealed class Benchmark(BenchmarkOptions options)
{
    private readonly IAnsiConsole _progress = AnsiConsole.Create(
        new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>0 when every aim is met.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using IBenchmarkServer server = options.IsReal
            ? await RealServer.StartAsync(cancellationToken)
            : await DevClusterProcess.StartAsync(cancellationToken);
        using var cluster = new Cluster(server.KubeconfigFile);
        await cluster.DefineAsync(cancellationToken);
        await using var spaces = await Watch.StartAsync(cluster, Cluster.Spaces, IsReady, Tell, cancellationToken);
        await using var pods = await Watch.StartAsync(cluster, Cluster.Pods, IsReady, Tell, cancellationToken);

        var session = new Session(server, cluster, spaces, pods, options, _progress);
        IReadOnlyList<Figure> figures =
        [
            .. await session.ThroughputAsync(cancellationToken),
            .. await session.LifeAsync(cancellationToken),
        ];
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Apps} apps of {options.Dynos} dynos on the {server.Description}; {Environment.ProcessorCount} "
            + $"processors");
        ConsoleReport.Write(AnsiConsole.Console, title, figures);
        await WriteMarkdownAsync(MarkdownReport.Of(title, figures), cancellationToken);
        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private void Tell(string progress) => _progress.MarkupLineInterpolated($"[grey]  {progress}[/]");

    private async Task WriteMarkdownAsync(string text, CancellationToken cancellationToken)
    {
        if (options.Markdown == "-")
        {
            await Console.Out.WriteLineAsync(text);
        }
        else if (options.Markdown is { } file)
        {
            await File.WriteAllTextAsync(file, text, cancellationToken);
        }
    }

    internal static bool IsReady(JsonElement found) =>
        found.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out var conditions)
        && conditions.EnumerateArray()
            .Any(condition => condition.GetProperty("type").GetString() == "Ready"
                && condition.GetProperty("status").GetString() == "True");
}
