using System.ComponentModel;
using System.Diagnostics;
using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Runs;

/// <summary>
/// A terminal in raw mode, which passes every key on, Ctrl-C included. It is restored by disposal or at process exit.
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

    /// <summary>Runs stty, which changes the terminal of its input: the one of this process.</summary>
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
