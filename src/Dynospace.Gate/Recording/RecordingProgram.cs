// Recording: runs a process in a terminal or behind a pipe, while another container records its input.

using System.Globalization;
using System.Text;

namespace Dynospace.Gate.Recording;

/// <summary>
/// The recorder of one-off runs. <c>install</c> copies this program into the volume of the dyno's container,
/// <c>keep</c> writes the record in a separate container, and <c>record</c> runs the dyno's process.
/// </summary>
public static class RecordingProgram
{
    public const string Usage =
        "       gate install FILE\n"
        + "       gate keep --socket PATH\n"
        + "       gate record --socket PATH [--timeout SECONDS] -- COMMAND [ARGUMENT...]";

    /// <summary>The exit code for a fault of the recorder itself.</summary>
    internal const int OwnFailure = 125;

    private const int BadUsage = 2;
    private const string Socket = "--socket";
    private const string Timeout = "--timeout";

    /// <summary>How long a recorder waits for its keeper, which starts just before it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Runs a verb of the recorder; null if the words begin with another one.</summary>
    public static int? Run(IReadOnlyList<string> words) => words switch
    {
        ["install", var file] => Install(file),
        ["keep", Socket, var path] => new RecordKeeper(path, WriteLine).Run(),
        ["record", Socket, var path, "--", var program, ..] =>
            new Recorder(path, Patience).Run([program, .. words.Skip(5)]),
        ["record", Socket, var path, Timeout, var text, "--", var program, ..]
            when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) =>
            new Recorder(path, TimeSpan.FromSeconds(seconds)).Run([program, .. words.Skip(7)]),
        ["install" or "keep" or "record", ..] => Refuse(),
        _ => null,
    };

    internal static void Complain(string message) =>
        Libc.Write(2, Encoding.UTF8.GetBytes($"recorder: {message}\r\n"));

    private static int Install(string file)
    {
        File.Copy(Environment.ProcessPath!, file, overwrite: true);
        File.SetUnixFileMode(file, Executable);
        return 0;
    }

    private static void WriteLine(string line) => Libc.Write(1, Encoding.UTF8.GetBytes(line + '\n'));

    private static int Refuse()
    {
        Libc.Write(2, Encoding.UTF8.GetBytes($"usage:\n{Usage}\n"));
        return BadUsage;
    }
}
