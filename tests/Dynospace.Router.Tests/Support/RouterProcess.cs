using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Dynospace.Router.Hosting;

namespace Dynospace.Router.Tests.Support;

/// <summary>The router's program, run as a process of its own. It does not outlive its test.</summary>
internal sealed class RouterProcess : IDisposable
{
    private static readonly string Dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task<string> _output;

    private RouterProcess(Process process)
    {
        _process = process;
        (_errors, _output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
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
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().Soon();
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
}
