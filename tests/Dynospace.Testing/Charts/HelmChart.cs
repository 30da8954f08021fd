using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynospace.Testing.Charts;

/// <summary>The Helm chart: its files, and what Helm makes of them where there is a <c>helm</c> in the path.</summary>
public static class HelmChart
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly string? Helm = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "helm")).FirstOrDefault(File.Exists);

    public static string Folder { get; } = RepositoryFolder.Combine("charts", "dynospace");

    /// <summary>Compares the schema of the values with what a test makes of its properties.</summary>
    public static void VerifySchema(Action<JsonNode> change)
    {
        var path = Path.Combine(Folder, "values.schema.json");
        var schema = JsonNode.Parse(File.ReadAllText(path))!;
        change(schema["properties"]!);
        GoldenFile.Verify(path, schema.ToJsonString(Format) + "\n");
    }

    /// <summary>Runs Helm, or skips the test without it; its exit code, and all that it wrote.</summary>
    public static async Task<(int Code, string Output)> RunAsync(params IEnumerable<string> arguments)
    {
        Assert.SkipWhen(Helm is null, "There is no helm in the path.");
        using var process =
            Process.Start(
                new ProcessStartInfo(Helm, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }
}
