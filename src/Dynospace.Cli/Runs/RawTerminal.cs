using System.ComponentModel;
using System.Diagnostics;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Runs;

/// <summary>
/// A terminal that passes every key on as it is, Ctrl-C included, until it is disposed: also at the end of the process.
/// </summary>
internal sealed class RawTerminal : IDisposable
{
    private readonly string _settings;
    private bool _isBack;

    private RawTerminal(string settings)
    {
        _settings = settings;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <exception cref="CliException">The terminal cannot be set.</exception>
    public static RawTerminal Enter(CliEnvironment environment)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new CliException("a terminal can be lent on Linux and macOS only: use --no-tty.");
        }

        var terminal = new RawTerminal(Stty("-g"));
        Stty("raw", "-echo");
        environment.Out.Flush();
        return terminal;
    }

    public void Dispose()
    {
        if (!_isBack)
        {
            _isBack = true;
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            Stty(_settings);
        }
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();

    /// <summary>It sets the terminal that is its input, which is this process's own.</summary>
    private static string Stty(params string[] arguments)
    {
        try
        {
            using var process =
                Process.Start(new ProcessStartInfo("stty", arguments) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0
                ? output
                : throw new CliException("the terminal cannot be set (stty): use --no-tty.");
        }
        catch (Win32Exception e)
        {
            throw new CliException("the terminal cannot be set, since there is no stty: use --no-tty.", e);
        }
    }
}
