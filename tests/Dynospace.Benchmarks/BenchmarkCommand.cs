using System.CommandLine;
using Dynospace.Benchmarks.Egress;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Networks;
using Dynospace.Benchmarks.Policies;
using Dynospace.Benchmarks.Routing;
using Dynospace.Benchmarks.Servers;

namespace Dynospace.Benchmarks;

/// <summary>The command line.</summary>
internal static class BenchmarkCommand
{
    public static RootCommand Create()
    {
        var defaults = new BenchmarkOptions();
        var server = new Option<string>("--server")
        {
            Description =
                "dev: the dev cluster in a process of its own; real: what KUBECONFIG_REAL or KUBEBUILDER_ASSETS names.",
            DefaultValueFactory = _ => "dev",
        };
        server.AcceptOnlyFromAmong("dev", "real");
        var apps = Number("--apps", "How many Apps.", defaults.Apps);
        var dynos = Number("--dynos", "How many dynos of each App.", defaults.Dynos);
        var rounds = Number(
            "--rounds", "Alternating rounds of operator and raw client; the best of each counts.", defaults.Rounds);
        var changes = Number("--changes", "How many quantity changes are timed.", defaults.Changes);
        var steady = Number(
            "--steady", "How many seconds the steady state is watched.", (int)defaults.Steady.TotalSeconds);
        var parallelism = Number("--parallelism", "Requests under way at once.", defaults.Parallelism);
        var markdown = new Option<string?>("--markdown")
        {
            Description = "Write the table as Markdown to this file as well; - for standard output.",
        };

        var root = new RootCommand("Measures the operator: throughput, reaction, steady state and memory.")
        {
            server,
            apps,
            dynos,
            rounds,
            changes,
            steady,
            parallelism,
            markdown,
        };
        root.SetAction((parsed, token) => new Benchmark(new BenchmarkOptions
        {
            IsReal = parsed.GetValue(server) == "real",
            Apps = parsed.GetValue(apps),
            Dynos = parsed.GetValue(dynos),
            Rounds = parsed.GetValue(rounds),
            Changes = parsed.GetValue(changes),
            Steady = TimeSpan.FromSeconds(parsed.GetValue(steady)),
            Parallelism = parsed.GetValue(parallelism),
            Markdown = parsed.GetValue(markdown),
        }).RunAsync(token));
        root.Subcommands.Add(RouterBenchmark.Command());
        root.Subcommands.Add(Scale.Command());
        root.Subcommands.Add(PolicyBenchmark.Command());
        root.Subcommands.Add(DynoNetworkBenchmark.Command());
        root.Subcommands.Add(EgressBenchmark.Command());
        root.Subcommands.Add(DevClusterProcess.Command());
        root.Subcommands.Add(SimulatedNode.Command());
        root.Subcommands.Add(RouterProxy.Command());
        return root;
    }

    /// <summary>An option that takes a number from 1.</summary>
    public static Option<int> Number(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name}: give a number from 1.");
            }
        });
        return option;
    }
}
