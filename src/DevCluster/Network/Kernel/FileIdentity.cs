using System.Diagnostics;

namespace DevCluster.Network.Kernel;

/// <summary>The number by which a file system knows a file.</summary>
internal static class FileIdentity
{
    /// <summary>Null for a file that is gone.</summary>
    public static string? Inode(string path)
    {
        // .NET has no call for it; a namespace's file is not a link that could be read.
        using var process = Process.Start(
            new ProcessStartInfo("stat", ["-c", "%i", path])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }
}
