using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DevCluster.Network.Pods;

/// <summary>Pseudoterminals, created with script(1) of util-linux.</summary>
internal static partial class Terminals
{
    private const ulong SetWindowSize = 0x5414;
    private const int Attempts = 50;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>The command line that runs a command in a terminal.</summary>
    public static IReadOnlyList<string> Wrap(IEnumerable<string> command)
    {
        var quoted = string.Join(
            ' ', command.Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
        return ["script", "-qefc", quoted, "/dev/null"];
    }

    /// <summary>Sets the size of the terminal of a descendant process, as soon as one exists.</summary>
    public static async Task ResizeAsync(int process, int width, int height, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (ProcessTree.Below(process).Select(Open).OfType<SafeFileHandle>().FirstOrDefault() is { } terminal)
            {
                using (terminal)
                {
                    ushort[] size = [(ushort)height, (ushort)width, 0, 0];
                    _ = Control(terminal, SetWindowSize, size);
                    return;
                }
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>
    /// Opens the standard input of a process through its mount namespace, if it is a terminal. The kernel signals a
    /// size change to the processes of the terminal.
    /// </summary>
    private static SafeFileHandle? Open(int process)
    {
        var input = $"/proc/{process}/fd/0";
        try
        {
            return File.ResolveLinkTarget(input, returnFinalTarget: false)?.FullName
                .Contains("/dev/pts/", StringComparison.Ordinal) == true
                ? File.OpenHandle(input, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, ulong request, ushort[] size);
}
