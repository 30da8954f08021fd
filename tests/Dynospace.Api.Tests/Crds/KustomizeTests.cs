using System.Diagnostics;
using Xunit;

namespace Dynospace.Api.Tests.Crds;

/// <summary>
/// Real Kustomize with the configuration that ships: images, generated names and replicas reach the App.
/// </summary>
public sealed class KustomizeTests
{
    [Fact]
    public async Task An_overlay_changes_image_secrets_and_replicas_of_an_app()
    {
        Assert.SkipUnless(IsInPath("kubectl"), "There is no kubectl in the path.");

        var text = await BuildAsync(RepositoryFolder.Combine("samples", "kustomize", "production"));
        var app = text.Split("---\n").Single(document => document.Contains("kind: App", StringComparison.Ordinal));

        Assert.Contains("image: registry.example/shop:42\n", app, StringComparison.Ordinal);
        Assert.Contains("replicas: 3\n", app, StringComparison.Ordinal);
        foreach (var secret in new[] { "shop-secrets", "shop-tls", "registry" })
        {
            Assert.Matches($"name: {secret}-[a-z0-9]{{10}}\n", app);
        }
    }

    private static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<string> BuildAsync(string folder)
    {
        using var kubectl =
            Process.Start(new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true })!;
        var text = await kubectl.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await kubectl.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kubectl.ExitCode);
        return text + "\n";
    }
}
