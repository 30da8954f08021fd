using System.Diagnostics;
using System.Globalization;

namespace Dynospace.Benchmarks.Routing;

/// <summary>A program of the system in a process of its own, with all processes that it starts.</summary>
internal sealed class Tool : IAsyncDisposable
{
    private const int SigQuit = 3;
    private readonly Process _process;

    private Tool(Process process) => _process = process;

    /// <summary>What the process and its children have used so far.</summary>
    public TimeSpan ProcessorTime => Family().Aggregate(TimeSpan.Zero, (sum, id) => sum + ProcessorTimeOf(id));

    /// <summary>What they hold in memory.</summary>
    public long ResidentBytes => Family().Sum(ResidentBytesOf);

    /// <exception cref="InvalidOperationException">The program is not there.</exception>
    public static Tool Start(string program, params string[] arguments)
    {
        try
        {
            return new Tool(
                Process.Start(
                    new ProcessStartInfo(program, arguments)
                    {
                        RedirectStandardOutput = true,
                        RedirectStandardError = true,
                    })!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(
                $"{program} cannot be started: {e.Message}. Install Debian's packages nginx-light, haproxy and wrk.",
                e);
        }
    }

    /// <summary>Looks at a running process without ending it.</summary>
    public static (TimeSpan ProcessorTime, long ResidentBytes) Look(int id) =>
        (ProcessorTimeOf(id), ResidentBytesOf(id));

    /// <summary>Waits for the end; what was written to standard output.</summary>
    public async Task<string> OutputAsync(CancellationToken cancellationToken)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"{_process.StartInfo.FileName} ended with {_process.ExitCode}: "
                + $"{await _process.StandardError.ReadToEndAsync(cancellationToken)}");
    }

    /// <summary>Asks it to end what it is doing and then to go, as a dyno does on SIGTERM.</summary>
    public async Task QuitAsync()
    {
        using (Process.Start("kill", [$"-{SigQuit}", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static TimeSpan ProcessorTimeOf(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.TotalProcessorTime;
    }

    private static long ResidentBytesOf(int id)
    {
        using var process = Process.GetProcessById(id);
        return process.WorkingSet64;
    }

    private IEnumerable<int> Family() => File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
        .Prepend(_process.Id);
}
