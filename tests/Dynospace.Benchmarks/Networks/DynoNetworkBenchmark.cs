using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dynospace.Benchmarks.Measurements;
using Dynospace.Benchmarks.Reports;
using Dynospace.NodeAgent.DynoNetwork;
using Dynospace.Reachability.Addresses;
using Dynospace.Testing.Networks;

namespace Dynospace.Benchmarks.Networks;

/// <summary>
/// What a pod waits for its network: <c>dyno-network</c> adds pods by the configuration that the node agent writes, and
/// in turn by one of the plain plugin <c>bridge</c>.
/// </summary>
internal sealed class DynoNetworkBenchmark
{
    private const int Pods = 100;
    private const int Together = 8;

    /// <summary>Few, since each waits for the kernel to look for another owner of its address.</summary>
    private const int BothPods = 10;

    private static readonly NodeBlock OtherBlock = new(AddressRange.Parse("172.24.2.0/23"));

    private const string Bridge = """
        {"cniVersion": "1.0.0", "name": "plain", "plugins": [{"type": "bridge", "bridge": "plain0", "isGateway": true,
          "ipam": {"type": "host-local", "dataDir": "STATE", "ranges": [[{"subnet": "10.99.0.0/23"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}}]}
        """;

    public static Command Command()
    {
        var command = new Command(
            "dyno-network",
            "Measures how long a pod waits for its /30, beside the plugin bridge. Needs root and the CNI plugins.");
        command.SetAction((_, _) => RunAsync());
        return command;
    }

    private static async Task<int> RunAsync()
    {
        if (NetworkNamespace.Missing is not null || CniRuntime.PluginFolder is null)
        {
            Console.Error.WriteLine(NetworkNamespace.Missing ?? "the CNI plugins are not installed (or set CNI_PATH)");
            return 1;
        }

        var folder = Directory.CreateTempSubdirectory("dyno-network-").FullName;
        try
        {
            using var node = new NetworkNamespace();
            var own = Runtime(
                node, folder, "own",
                state => CniConfiguration.Text(
                    new NodeBlock(AddressRange.Parse("172.24.0.0/23")), null, 1450, state));
            var both = Runtime(
                node, folder, "both",
                state => CniConfiguration.Text(
                    OtherBlock, AddressBlock6.Embed(AddressRange.Parse("fd79::/64"), OtherBlock.Range), 1450, state));
            var plain = Runtime(
                node, folder, "plain", state => Bridge.Replace("STATE", state, StringComparison.Ordinal));
            return ConsoleReport.WriteBoth(
                $"A pod's network by the CNI plugins, {Pods} pods", await MeasureAsync(own, both, plain));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        CniRuntime own, CniRuntime both, CniRuntime plain)
    {
        List<TimeSpan> ownTimes = [], bothTimes = [], plainTimes = [];
        List<NetworkNamespace> ownPods = [], bothPods = [], plainPods = [];
        try
        {
            for (var number = 0; number < Pods; number++)
            {
                ownTimes.Add(await AddAsync(own, ownPods));
                plainTimes.Add(await AddAsync(plain, plainPods));
            }

            for (var number = 0; number < BothPods; number++)
            {
                bothTimes.Add(await AddAsync(both, bothPods));
            }

            var removing = Stopwatch.StartNew();
            foreach (var pod in ownPods)
            {
                await own.DeleteAsync(pod);
            }

            var removed = removing.Elapsed / Pods;
            var adding = Stopwatch.StartNew();
            await Parallel.ForEachAsync(
                ownPods, new ParallelOptions { MaxDegreeOfParallelism = Together },
                async (pod, _) => await own.AddAsync(pod));
            return
            [
                new("ADD in a /30 (ptp, host-local, bandwidth), p50 / p99", Text(ownTimes)),
                new($"ADD in a /30 and a /126, p50 / p99 of {BothPods}", Text(bothTimes)),
                new("ADD by bridge and host-local, p50 / p99", Text(plainTimes)),
                new("DEL of a /30, mean", Text(removed)),
                new($"{Pods} ADDs, {Together} at once", Text(adding.Elapsed)),
            ];
        }
        finally
        {
            ownPods.Concat(bothPods).Concat(plainPods).ToList().ForEach(pod => pod.Dispose());
        }
    }

    private static async Task<TimeSpan> AddAsync(CniRuntime runtime, List<NetworkNamespace> pods)
    {
        var pod = new NetworkNamespace();
        pods.Add(pod);
        var clock = Stopwatch.StartNew();
        await runtime.AddAsync(pod);
        return clock.Elapsed;
    }

    private static CniRuntime Runtime(NetworkNamespace node, string folder, string name, Func<string, string> text)
    {
        var made = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        File.WriteAllText(Path.Combine(made, "05.conflist"), text(Path.Combine(folder, name + "-state")));
        return new CniRuntime(node, made);
    }

    private static string Text(List<TimeSpan> times) =>
        $"{Text(Percentile.Of(times, 50))} / {Text(Percentile.Of(times, 99))}";

    private static string Text(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms");
}
