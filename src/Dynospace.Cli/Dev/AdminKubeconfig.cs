using Dynospace.Cli.Terminal;

namespace Dynospace.Cli.Dev;

/// <summary>The kubeconfig that <c>dynospace dev</c> writes. It holds a token, so only its owner may read it.</summary>
public static class AdminKubeconfig
{
    /// <summary>Checks before anything is started that the file can be written.</summary>
    /// <exception cref="CliException">It cannot.</exception>
    public static void CheckWritable(string path) => Guard(path, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = Open(path, FileMode.OpenOrCreate);
    });

    public static void Write(string path, string content) => Guard(path, () =>
    {
        using var file = new StreamWriter(Open(path, FileMode.Create));
        file.Write(content);
    });

    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            if (File.Exists(path))
            {
                // The mode above is for new files only; one that was there may have been readable for others.
                File.SetUnixFileMode(path, options.UnixCreateMode.Value);
            }
        }

        return new FileStream(path, options);
    }

    private static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                $"the kubeconfig {path} cannot be written: {e.Message.TrimEnd('.')}. Name another with --kubeconfig "
                + $"FILE.",
                e);
        }
    }
}
