using DevCluster.Schema.Yaml;
using Dynospace.Testing.Charts;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Dynospace.Operator.Tests.Chart;

/// <summary>The chart as Helm renders it.</summary>
public sealed class HelmTests
{
    [Fact]
    public async Task The_chart_passes_the_linter()
    {
        var (code, output) = await HelmChart.RunAsync("lint", "--strict", HelmChart.Folder);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task What_the_chart_renders_by_default_is_as_checked_in()
    {
        var (code, output) =
            await HelmChart.RunAsync(
                "template",
                "dynospace",
                HelmChart.Folder,
                "--namespace",
                "dynospace-system",
                "--show-only",
                "templates/operator.yaml");

        Assert.True(code == 0, output);
        GoldenFile.Verify(
            RepositoryFolder.Combine("tests", "Dynospace.Operator.Tests", "Chart", "Golden", "operator.yaml"), output);
    }

    [Fact]
    public async Task Options_become_arguments_that_the_operator_reads()
    {
        var (code, output) = await HelmChart.RunAsync(
            "template", "d", HelmChart.Folder, "--namespace", "elsewhere", "--show-only", "templates/operator.yaml",
            "--set", "options.requireRegion=false,options.port=8000,options.regions=oregon=us-west-2");

        Assert.True(code == 0, output);
        var deployment = YamlReader.ReadAll(output).Single(document => (string?)document["kind"] == "Deployment");
        var arguments = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray()
            .Select(argument => ((string)argument!)[2..].Split('=', 2))
                .ToDictionary(parts => parts[0], parts => (string?)parts[1]);
        var platform = OperatorConfiguration.ReadPlatform(
            new ConfigurationBuilder().AddInMemoryCollection(arguments).Build());
        Assert.Equal(
            ("elsewhere", false, 8000, "us-west-2"),
            (platform.Cluster.SystemNamespace,
                platform.Regions.IsRequired, platform.Dynos.Port, platform.Regions.ValueOf("oregon")));
    }

    /// <summary>Helm reads the numbers of values files as floating point.</summary>
    [Fact]
    public async Task A_large_number_of_a_values_file_keeps_its_digits()
    {
        using var values = new TemporaryFile(
            "options: {runAsUser: 1000650000, port: 5001, clusterRanges: '10.0.0.0/8,fd00::/8'}");
        var arguments = await ArgumentsAsync("--values", values.Path);

        Assert.Contains("--runAsUser=1000650000", arguments);
        Assert.Contains("--port=5001", arguments);
        Assert.Contains("--clusterRanges=10.0.0.0/8,fd00::/8", arguments);
    }

    [Theory]
    [InlineData("options: null")]
    [InlineData("options: {port: null, regions: null, runAsUser: null, routerProvider: null}")]
    public async Task Null_stands_for_the_default(string values)
    {
        using var file = new TemporaryFile(values);

        Assert.Equal(
            ["--systemNamespace=default", "--leaderElection=true", "--identity=$(POD_NAME)", "--healthPort=8080"],
            await ArgumentsAsync("--values", file.Path));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task A_parent_chart_switches_it_by_a_condition(string enabled, bool isRendered)
    {
        var parent = Directory.CreateTempSubdirectory("chart");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(parent.FullName, "Chart.yaml"), """
                apiVersion: v2
                name: parent
                version: 0.1.0
                dependencies: [{name: dynospace, version: 0.1.0, condition: dynospace.enabled}]
                """, TestContext.Current.CancellationToken);
            Directory.CreateDirectory(Path.Combine(parent.FullName, "charts"));
            Directory.CreateSymbolicLink(Path.Combine(parent.FullName, "charts", "dynospace"), HelmChart.Folder);

            var (code, output) =
                await HelmChart.RunAsync("template", "p", parent.FullName, "--set", $"dynospace.enabled={enabled}");

            Assert.True(code == 0, output);
            Assert.Equal(isRendered, output.Contains("kind: Deployment", StringComparison.Ordinal));
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Notes_lead_to_the_first_space_and_warn_of_what_is_missing()
    {
        var (code, output) =
            await HelmChart.RunAsync(
                "install", "d", HelmChart.Folder, "--dry-run=client", "--set", "options.requireRegion=false");
        var (_, complete) =
            await HelmChart.RunAsync("install", "d", HelmChart.Folder, "--dry-run=client", "--set", "options.routerImage=r:1");

        Assert.True(code == 0, output);
        Assert.Contains("kubectl wait space/playground", output, StringComparison.Ordinal);
        Assert.Contains("options.routerImage is not set", output, StringComparison.Ordinal);
        Assert.DoesNotContain("must be a region that nodes carry", output, StringComparison.Ordinal);
        Assert.DoesNotContain("options.routerImage is not set", complete, StringComparison.Ordinal);
        Assert.Contains("must be a region that nodes carry", complete, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("options.prot=1", "prot")]
    [InlineData("options.port=70000", "/options/port")]
    [InlineData("replicas=-1", "/replicas")]
    [InlineData("options.clusterRanges=everybody", "/options/clusterRanges")]
    [InlineData("options.clusterRanges=10.0.0.0/33", "/options/clusterRanges")]
    [InlineData("options.proxyProtocolFrom=0.0.0.0/0", "/options/proxyProtocolFrom")]
    [InlineData("options.proxyProtocolFrom=::/0", "/options/proxyProtocolFrom")]
    [InlineData("options.baseDomain=Apps.Example", "/options/baseDomain")]
    [InlineData("options.routerCertificate=wildcard", "/options/routerCertificate")]
    [InlineData("options.runAsUser=0", "/options/runAsUser")]
    [InlineData("options.runAsUser=root", "/options/runAsUser")]
    [InlineData("options.enforcementInterval=15", "/options/enforcementInterval")]
    [InlineData("options.nodeLocalDnsAddress=dns.local", "/options/nodeLocalDnsAddress")]
    [InlineData("options.systemNamespace=elsewhere", "systemNamespace")]
    public async Task A_value_that_makes_no_sense_is_refused(string value, string named)
    {
        var (code, output) = await HelmChart.RunAsync("template", "d", HelmChart.Folder, "--set", value);

        Assert.NotEqual(0, code);
        Assert.Contains(named, output, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> ArgumentsAsync(params string[] values)
    {
        var (code, output) = await HelmChart.RunAsync(
            [
                "template",
                "d",
                HelmChart.Folder,
                "--namespace",
                "default",
                "--show-only",
                "templates/operator.yaml",
                .. values,
            ]);

        Assert.True(code == 0, output);
        var deployment = YamlReader.ReadAll(output).Single(document => (string?)document["kind"] == "Deployment");
        return
        [
            .. deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.AsArray()
                .Select(argument => (string)argument!),
        ];
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
