using System.Diagnostics;
using System.Runtime.InteropServices;
using Dynospace.Cli.Tests.Verbs;
using Xunit;

namespace Dynospace.Cli.Tests.Commands;

/// <summary>
/// What a verb loads before it has answered. Each of these costs milliseconds at each start: the dev cluster and the
/// operator are for <c>dev</c>; code that is made while the program runs cannot be compiled ahead.
/// </summary>
public sealed class StartTests(LivePlatform platform)
{
    private static readonly string[] ForOthers =
    [
        "DevCluster.", "Dynospace.Controllers", "Dynospace.Gate", "Dynospace.Linux", "Dynospace.NodeAgent",
        "Dynospace.Operator", "Dynospace.Reachability", "Dynospace.Router", "Microsoft.AspNetCore", "Spectre.",
        "System.Reflection.Emit",
    ];

    [Theory]
    [InlineData("version", false)]
    [InlineData("sizes", true)]
    [InlineData("ps", true)]
    [InlineData("apps", true)]
    [InlineData("spaces", true)]
    [InlineData("releases -a shop", true)]
    public async Task A_verb_loads_neither_what_is_for_others_nor_what_makes_code(string command, bool asksCluster)
    {
        var space = asksCluster ? await platform.StartAsync() : null;
        var folder = Directory.CreateTempSubdirectory("start-");
        try
        {
            var report = Path.Combine(folder.FullName, "assemblies");
            var loaded = await LoadedAsync(command, space?.Space, report);

            Assert.Contains("dynospace", loaded);
            Assert.Equal(asksCluster, loaded.Contains("System.Net.Http"));
            Assert.DoesNotContain(loaded, name => ForOthers.Any(
                other => name.StartsWith(other, StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<IReadOnlyCollection<string>> LoadedAsync(string command, string? space, string report)
    {
        var dotnet = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] cluster = space is null ? [] : ["--kubeconfig", platform.Kubeconfig, "--space", space];
        string[] words = [.. command.Split(' '), .. command == "spaces" ? cluster[..2] : cluster];
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "dynospace.dll"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        start.Environment[StartupHook.Variable] = report;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, error);
        Assert.NotEmpty(await output);
        return await File.ReadAllLinesAsync(report, TestContext.Current.CancellationToken);
    }
}
