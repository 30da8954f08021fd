using System.Diagnostics;

namespace DevCluster.Simulator.Tests.Packaging;

/// <summary>
/// The packages alone are enough: <c>tests/DevCluster/Sample</c>, a cluster in ten lines, is built outside the
/// repository against a feed that holds nothing but them.
/// </summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("devcluster-package-");

    [Fact]
    public async Task A_program_elsewhere_starts_a_cluster_in_ten_lines()
    {
        var version = $"0.0.1-test.{Guid.NewGuid():N}";
        var feed = Path.Combine(_folder.FullName, "feed");
        foreach (var project in new[] { "Schema", "ApiServer", "Simulator" })
        {
            await DotnetAsync(
                "pack",
                RepositoryFolder.Combine("src", "DevCluster", project),
                "--no-build",
                "--configuration", Configuration,
                "--output", feed,
                $"-p:Version={version}");
        }

        var sample = RepositoryFolder.Combine("tests", "DevCluster", "Sample");
        var text =
            await File.ReadAllTextAsync(
                Path.Combine(sample, "Sample.csproj.txt"), TestContext.Current.CancellationToken);
        var program = Path.Combine(_folder.FullName, "Sample.csproj");
        File.Copy(Path.Combine(sample, "Program.cs"), Path.Combine(_folder.FullName, "Program.cs"));
        await File.WriteAllTextAsync(
            program, text.Replace("VERSION", version, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        // Packages that are here already are not fetched again, and those of this test leave nothing behind.
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var output = await DotnetAsync(
            "run",
            "--project", program,
            $"--property:RestoreAdditionalProjectSources={feed}",
            $"--property:RestoreFallbackFolders={packages}",
            $"--property:RestorePackagesPath={Path.Combine(_folder.FullName, "packages")}");

        Assert.EndsWith("web is running", output.TrimEnd(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Configuration =>
        AppContext.BaseDirectory.Contains(
            $"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release"
            : "Debug";

    private async Task<string> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.FullName,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {output}{await errors}");
        return output;
    }
}
