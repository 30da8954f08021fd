using System.Globalization;
using Dynospace.Benchmarks.Servers;

namespace Dynospace.Benchmarks.Measurements;

/// <summary>Who used the processors: what one of them does not get is the other's speed.</summary>
/// <param name="Server">The API server, where it is a process of the benchmark.</param>
/// <param name="Client">The benchmark itself, which sends and watches.</param>
internal sealed record ProcessorUse(TimeSpan? Server, TimeSpan Client)
{
    public static ProcessorUse Now(IBenchmarkServer server) =>
        new(server.ProcessorTime, Environment.CpuUsage.TotalTime);

    public ProcessorUse Since(ProcessorUse before) => new(Server - before.Server, Client - before.Client);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"server {Server?.TotalSeconds ?? double.NaN:0.00} s, benchmark {Client.TotalSeconds:0.00} s");
}
