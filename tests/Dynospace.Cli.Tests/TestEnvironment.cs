using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Tests;

/// <summary>A temporary folder, and outputs that a test can read.</summary>
internal sealed class TestEnvironment : IDisposable
{
    public TestEnvironment()
    {
        Folder = Directory.CreateTempSubdirectory("dynospace-cli-").FullName;
        Cli = new CliEnvironment(Out, Error, IsTerminal: false, Folder, ProgramFolder: Folder, TimeProvider.System);
    }

    public string Folder { get; }

    public StringWriter Out { get; } = new();

    public StringWriter Error { get; } = new();

    public CliEnvironment Cli { get; }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public Task<int> RunAsync(params string[] args) =>
        DynospaceCommandLine.RunAsync(args, Cli, Xunit.TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
