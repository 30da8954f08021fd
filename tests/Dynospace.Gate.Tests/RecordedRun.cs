using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Dynospace.Gate.Recording;

namespace Dynospace.Gate.Tests;

/// <summary>
/// A keeper and a recorder in processes of their own, the recorder in a terminal that the test holds.
/// </summary>
internal sealed class RecordedRun : IDisposable
{
    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "Dynospace.Gate.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("dynospace-recorder-").FullName;
    private readonly List<Process> _processes = [];
    private ChildProcess? _recorder;

    public string Socket => Path.Combine(_folder, "record");

    /// <summary>What the keeper writes.</summary>
    public Transcript Record { get; private set; } = new(_ => 0);

    /// <summary>What the terminal shows.</summary>
    public Transcript Screen { get; private set; } = new(_ => 0);

    public Process Keep()
    {
        var keeper = Start("keep", "--socket", Socket);
        Record = new Transcript(buffer => keeper.StandardOutput.BaseStream.Read(buffer));
        return keeper;
    }

    /// <summary>Runs a command recorded in a terminal.</summary>
    /// <param name="within">The words that run the recorder.</param>
    public void RecordInTerminal(IReadOnlyList<string> command, params IReadOnlyList<string> within)
    {
        _recorder = ChildProcess.Start(
            [.. within, Dotnet, Program, "record", "--socket", Socket, "--timeout", "20", "--", .. command],
            ChildProcess.OwnEnvironment(),
            hasTerminal: true);
        Screen = new Transcript(buffer => Libc.Read(_recorder.Input, buffer));
    }

    /// <summary>Runs a command recorded behind pipes.</summary>
    public Process RecordBehindPipes(int seconds, params IReadOnlyList<string> command) =>
        Start(["record", "--socket", Socket, "--timeout", $"{seconds}", "--", .. command]);

    public void Type(string text) => Assert.True(Libc.Write(_recorder!.Input, Encoding.UTF8.GetBytes(text)));

    public void Resize(int width, int height) => Libc.Resize(_recorder!.Input, width, height);

    public void Signal(int number) => Assert.Equal(0, Libc.Kill(_recorder!.Id, number));

    /// <summary>The exit code of the recorder in the terminal.</summary>
    public async Task<int> EndAsync()
    {
        await Screen.AllAsync();
        Assert.Equal(_recorder!.Id, Libc.Wait(_recorder.Id, out var status, 0));
        return (status >> 8) & 0xFF;
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
        }

        if (_recorder is not null)
        {
            _ = Libc.Kill(-_recorder.Id, Libc.SigKill);
            _ = Libc.Close(_recorder.Input);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private Process Start(params IReadOnlyList<string> words)
    {
        var process = Process.Start(new ProcessStartInfo(Dotnet, [Program, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _processes.Add(process);
        return process;
    }
}
