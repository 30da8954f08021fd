using Dynospace.Cli.Manifests;
using k8s;
using Xunit;

namespace Dynospace.Cli.Tests.Drains;

/// <summary>
/// What is printed for a collector is manifests that the API takes, and holds nothing but what was asked for.
/// </summary>
public sealed class DrainCommandTests
{
    [Theory]
    [InlineData("https://logs.example.com/in", "acme-drain", "https.yaml")]
    [InlineData("https://logs.example.com/in", null, "https-open.yaml")]
    [InlineData("syslog+tls://logs.example.com", null, "syslog.yaml")]
    [InlineData("https://audit.example.com/in", "acme-audit", "records.yaml", "--source", "recorder")]
    public async Task The_manifests_of_a_drain_are_what_is_checked_in(
        string to, string? secret, string golden, params string[] more)
    {
        using var environment = new TestEnvironment();
        string[] args = ["drain", "acme-prod", "--to", to, .. more];

        Assert.Equal(0, await environment.RunAsync(secret is null ? args : [.. args, "--secret", secret]));

        var text = environment.Out.ToString();
        GoldenFile.Verify(Golden(golden), text);
        var manifests = ManifestReader.ReadText(text, "drain").ToList();
        Assert.Equal(
            ["Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap", "DaemonSet"],
            manifests.Select(manifest => (string)manifest.Content["kind"]!));
        var vector = KubernetesYaml.Deserialize<Dictionary<string, object>>(
            (string)manifests[4].Content["data"]!["vector.yaml"]!);
        string[] sections = ["data_dir", "secret", "sources", "transforms", "sinks"];
        Assert.Equal(secret is null ? sections.Except(["secret"]) : sections, vector.Keys);
        Assert.Equal(secret is not null, text.Contains("SECRET[drain.authorization]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("acme-prod", "http://logs.example.com/in", "is not a place for logs")]
    [InlineData("acme-prod", "https://logs.example.com/$(x)", "is not a place for logs")]
    [InlineData("acme-prod", "https://me:secret@logs.example.com/in", "may hold no credentials")]
    [InlineData("acme-prod", "https://logs.example.com/in?token=x", "may hold no credentials")]
    [InlineData("acme-prod", "syslog+tls://logs.example.com/in", "has a path")]
    [InlineData("acme-prod", "https://logs.example.com/in", "use recorder, or leave it out", "--source", "app")]
    [InlineData("Acme}", "https://logs.example.com/in", "SPACE 'Acme}' is not a valid name")]
    public async Task What_does_not_belong_into_a_configuration_is_refused(
        string space, string to, string message, params string[] more)
    {
        using var environment = new TestEnvironment();

        Assert.Equal(1, await environment.RunAsync(["drain", space, "--to", to, .. more]));

        Assert.Contains(message, environment.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", environment.Out.ToString());
    }

    private static string Golden(string name, [System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        Path.Combine(Path.GetDirectoryName(file)!, "..", "Golden", "drains", name);
}
