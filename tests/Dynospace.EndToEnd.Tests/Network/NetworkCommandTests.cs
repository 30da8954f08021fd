using System.Diagnostics;
using System.Globalization;
using DevCluster.Network.Programs;

namespace Dynospace.EndToEnd.Tests.Network;

/// <summary>The command <c>dev --network</c> as people run it, in a process of its own.</summary>
[Collection(Packets.Name)]
public sealed class NetworkCommandTests
{
    private const string Space = """
        apiVersion: dynospace.dev/v1alpha1
        kind: Space
        metadata: {name: once}
        spec: {runtime: Common, region: oregon}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// Threads of a new process come into being at places of their own: none may be in the network of a node, from
    /// where the API server on this machine's loopback is not reached.
    /// </summary>
    [Fact]
    public async Task It_brings_the_cluster_up_and_takes_everything_away()
    {
        Assert.SkipUnless(NetworkTestCluster.Missing is null, NetworkTestCluster.Missing ?? "");
        var folder = Directory.CreateTempSubdirectory("dev-network-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "space.yaml"), Space, Token);
        var command = ProgramHost.FromAssembly("dynospace").OutsideCommand;
        var start = new ProcessStartInfo(
            command[0],
            [
                .. command.Skip(1),
                "dev", "--network", "--once", "--timeout", "3m", "--nodes", "2", "--port", "0", "--router-port", "0",
                "--apply", Path.Combine(folder, "space.yaml"),
                "--kubeconfig", Path.Combine(folder, "kubeconfig"),
                "--log-file", Path.Combine(folder, "operator.log"),
                "--router-log-file", Path.Combine(folder, "router.log"),
            ])
        {
            WorkingDirectory = RepositoryFolder.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {output}{await error}");
        Assert.Contains("once", output, StringComparison.Ordinal);
        var names = string.Create(CultureInfo.InvariantCulture, $"devc-{process.Id}-*");
        Assert.Empty(Directory.GetFiles("/run/netns", names));
        Assert.Empty(Directory.GetDirectories("/run/devcluster", names));
        Directory.Delete(folder, recursive: true);
    }
}
