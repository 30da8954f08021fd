using System.Diagnostics;
using DevCluster.Simulator.Tests.Kubectl;

[assembly: AssemblyFixture(typeof(KubectlCluster))]

namespace DevCluster.Simulator.Tests.Kubectl;

/// <summary>A whole dev cluster, and the kubectl that is on the PATH to drive it with.</summary>
public sealed class KubectlCluster : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devcluster-kubectl-");
    private DevClusterServer? _server;

    /// <summary>Null where there is no kubectl.</summary>
    public static string? Program { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl"))
            .FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Program is not null)
        {
            _server = await DevClusterServer.StartAsync(new DevClusterOptions(), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(_folder.FullName, "kubeconfig"),
                _server.Kubeconfig(),
                TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Writes a file for <c>-f</c>.</summary>
    public string Write(string name, string content)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, content);
        return file;
    }

    public async Task<KubectlRun> RunAsync(IReadOnlyList<string> arguments, string? editor = null)
    {
        using var process = Start(arguments, editor);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new KubectlRun(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts kubectl without waiting for its end; the caller disposes of the process.</summary>
    public Process Start(IReadOnlyList<string> arguments, string? editor = null)
    {
        Assert.SkipUnless(Program is not null, "kubectl is not on the PATH");
        var start = new ProcessStartInfo(Program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = Path.Combine(_folder.FullName, "kubeconfig");
        start.Environment["KUBECACHEDIR"] = Path.Combine(_folder.FullName, "cache");
        start.Environment["KUBE_EDITOR"] = editor ?? "false";
        return Process.Start(start)!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
