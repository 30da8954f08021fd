using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Dynospace.Router.Hosting;

namespace Dynospace.Router.Tests.Support;

/// <summary>The router's program, run as a process of its own. It does not outlive its test.</summary>
internal sealed class RouterProcess : IDisposable
{
    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private readonly Process _process;
    private readonly Channel<string> _errorLines = Channel.CreateUnbounded<string>();
    private readonly Task<string> _errors;
    private readonly Task<string> _output;

    private RouterProcess(Process process)
    {
        _process = process;
        (_errors, _output) = (ReadErrorsAsync(), process.StandardOutput.ReadToEndAsync());
    }

    public static RouterProcess Start(params string[] arguments) => Start([], arguments);

    /// <param name="environment">Variables beside those of this process.</param>
    public static RouterProcess Start((string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Dotnet, [typeof(RouterHost).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var name in start.Environment.Keys.Where(
                name => name.StartsWith("DYNOSPACE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new RouterProcess(Process.Start(start)!);
    }

    /// <summary>Asks it to end, as the kubelet does.</summary>
    public Task TerminateAsync() => RunAsync("kill", "-TERM", Id);

    /// <summary>Lets it open files and sockets only while their numbers are below this one.</summary>
    public Task LimitDescriptorsAsync(int limit) =>
        RunAsync("prlimit", "--pid", Id, string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}:"));

    /// <summary>Waits for a line of its errors that contains this text.</summary>
    public async Task SaysAsync(string text)
    {
        while (!(await _errorLines.Reader.ReadAsync().AsTask().Soon()).Contains(text, StringComparison.Ordinal))
        {
            // Another line.
        }
    }

    /// <summary>Waits for its end: the exit code and what it wrote.</summary>
    public async Task<(int ExitCode, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().Soon();
        return (_process.ExitCode, await _output.Soon(), await _errors.Soon());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync().Soon();
        Assert.Equal(0, process.ExitCode);
    }

    private async Task<string> ReadErrorsAsync()
    {
        var errors = new StringBuilder();
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            errors.Append(line).Append('\n');
            _errorLines.Writer.TryWrite(line);
        }

        _errorLines.Writer.Complete();
        return errors.ToString();
    }
}
