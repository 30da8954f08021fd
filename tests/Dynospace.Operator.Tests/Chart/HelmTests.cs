using System.Diagnostics;
using Dynospace.Api.Yaml;
using Dynospace.Testing;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dynospace.Operator.Tests.Chart;

/// <summary>The chart as Helm renders it, where there is a <c>helm</c> in the path.</summary>
public sealed class HelmTests
{
    private static readonly string? Helm = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);

    [Fact]
    public async Task The_chart_passes_the_linter()
    {
        var (code, output) = await RunAsync("lint", "--strict", ChartFiles.Folder);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task What_the_chart_renders_by_default_is_as_checked_in()
    {
        var (code, output) = await RunAsync("template", "dynospace", ChartFiles.Folder, "--namespace", "dynospace-system", "--show-only", "templates/operator.yaml");

        Assert.True(code == 0, output);
        GoldenFile.Verify(RepositoryFolder.Combine("tests", "Dynospace.Operator.Tests", "Chart", "Golden", "operator.yaml"), output);
    }

    [Fact]
    public async Task Options_become_arguments_that_the_operator_reads()
    {
        var (code, output) = await RunAsync(
            "template", "d", ChartFiles.Folder, "--namespace", "elsewhere", "--show-only", "templates/operator.yaml",
            "--set", "options.requireRegion=false,options.port=8000,options.regions=oregon=us-west-2");

        Assert.True(code == 0, output);
        var deployment = YamlReader.Read(output).Single(document => (string?)document["kind"] == "Deployment");
        var arguments = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray()
            .Select(argument => ((string)argument!)[2..].Split('=', 2)).ToDictionary(parts => parts[0], parts => (string?)parts[1]);
        var platform = OperatorConfiguration.ReadPlatform(new ConfigurationBuilder().AddInMemoryCollection(arguments).Build());
        Assert.Equal(("elsewhere", false, 8000, "us-west-2"), (platform.Cluster.SystemNamespace, platform.Regions.IsRequired, platform.Dynos.Port, platform.Regions.ValueOf("oregon")));
    }

    [Theory]
    [InlineData("options.prot=1", "prot")]
    [InlineData("options.port=70000", "/options/port")]
    [InlineData("replicas=-1", "/replicas")]
    public async Task A_value_that_makes_no_sense_is_refused(string value, string named)
    {
        var (code, output) = await RunAsync("template", "d", ChartFiles.Folder, "--set", value);

        Assert.NotEqual(0, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        Assert.SkipWhen(Helm is null, "There is no helm in the path.");
        using var process = Process.Start(new ProcessStartInfo(Helm, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
