using System.CommandLine;
using DevCluster.Simulator;
using DevCluster.Simulator.Controllers;
using Dynospace.Api;
using Dynospace.Benchmarks.Processes;

namespace Dynospace.Benchmarks.Servers;

/// <summary>
/// The dev cluster in a process of its own, so that nothing of it counts as the operator's or the client's.
/// </summary>
internal sealed class DevClusterProcess : IBenchmarkServer
{
    private const string Serve = "serve";
    private const string Ready = "ready";

    private readonly ChildProcess _child;

    private DevClusterProcess(ChildProcess child, string kubeconfigFile) =>
        (_child, KubeconfigFile) = (child, kubeconfigFile);

    public string Description => "dev cluster in a process of its own";

    public string KubeconfigFile { get; }

    public TimeSpan? ProcessorTime => _child.ProcessorTime;

    public bool RunsPods => true;

    public bool HasControllers => true;

    public double ResidentBytes => _child.ResidentBytes;

    /// <summary>The child's side: <c>serve FILE</c>.</summary>
    public static Command Command()
    {
        var file = new Argument<string>("file");
        var command = new Command(Serve, "Serves a dev cluster until standard input ends; its kubeconfig goes to FILE.")
        {
            file,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, token) =>
        {
            await using var server = await DevClusterServer.StartAsync(
                new DevClusterOptions
                {
                    ControlPlane = new ControlPlaneOptions
                    {
                        NodeLabels = new Dictionary<string, string> { [Labels.Simulated] = "true" },
                    },
                },
                token);
            await File.WriteAllTextAsync(parsed.GetValue(file)!, server.Kubeconfig(), token);
            await Console.Out.WriteLineAsync(Ready);
            await Console.In.ReadToEndAsync(token);
        });
        return command;
    }

    public static async Task<DevClusterProcess> StartAsync(CancellationToken cancellationToken)
    {
        var file = Path.GetTempFileName();
        var child = ChildProcess.StartAssembly(typeof(DevClusterProcess).Assembly, [Serve, file]);
        await child.LineAsync(Ready, cancellationToken);
        return new DevClusterProcess(child, file);
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        File.Delete(KubeconfigFile);
    }
}
